import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // In this repository the SDK is linked, and would bring the React that it is tried with.
  resolve: { dedupe: ['react', 'react-dom'] },
  // Beside what `tsc` makes of the tool.
  build: { outDir: 'dist/page', target: 'es2022' },
});
