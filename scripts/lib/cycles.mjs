// Finds import cycles: one shortest cycle for each knot of files that can all reach each other.

/** `graph` maps a file to the files it imports. Returns cycles as lists of files, the first one not repeated. */
export function findCycles(graph) {
  return components(graph)
    .filter((files) => files.length > 1 || graph.get(files[0])?.has(files[0]))
    .map((files) => shortestCycle(graph, files));
}

/** Tarjan's strongly connected components, without recursion so that long import chains do not overflow. */
function components(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const onStack = new Set();
  const found = [];

  const enter = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    onStack.add(file);
    return { file, targets: [...(graph.get(file) ?? [])] };
  };
  const lower = (file, value) => low.set(file, Math.min(low.get(file), value));
  const leave = (file) => {
    if (low.get(file) !== index.get(file)) return;
    const component = stack.splice(stack.lastIndexOf(file));
    for (const member of component) onStack.delete(member);
    found.push(component);
  };

  for (const root of graph.keys()) {
    const path = index.has(root) ? [] : [enter(root)];
    while (path.length > 0) {
      const { file, targets } = path.at(-1);
      const target = targets.shift();
      if (target === undefined) {
        path.pop();
        leave(file);
        if (path.length > 0) lower(path.at(-1).file, low.get(file));
      } else if (!index.has(target)) path.push(enter(target));
      else if (onStack.has(target)) lower(file, index.get(target));
    }
  }
  return found;
}

function shortestCycle(graph, files) {
  const start = [...files].sort()[0];
  const inside = new Set(files);
  const cameFrom = new Map();
  const queue = [start];
  for (const file of queue) {
    for (const target of graph.get(file) ?? []) {
      if (target === start) return trace(cameFrom, file);
      if (!inside.has(target) || cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  throw new Error(`no cycle through ${start}`);
}

function trace(cameFrom, last) {
  const path = [];
  for (let file = last; file !== undefined; file = cameFrom.get(file)) path.unshift(file);
  return path;
}
