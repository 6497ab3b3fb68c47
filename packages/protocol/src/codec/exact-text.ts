/**
 * pbf with texts that arrive as they were sent. Its own reader drops a byte order mark at the start of longer texts;
 * its own writer turns characters of the even planes into others (U+20000, a rare ideograph, into U+10000).
 */
import { PbfReader, PbfWriter } from 'pbf';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
/** Below this, pbf decodes a text by itself, which is faster and exact. */
const SHORT_TEXT_BYTES = 12;
const SURROGATE = /[\ud800-\udfff]/;

export class ExactReader extends PbfReader {
  override readString(): string {
    const start = this.pos;
    const end = this.readVarint() + this.pos;
    if (end - this.pos < SHORT_TEXT_BYTES) {
      this.pos = start;
      return super.readString();
    }
    const text = decoder.decode(this.buf.subarray(this.pos, end));
    this.pos = end;
    return text;
  }
}

export class ExactWriter extends PbfWriter {
  override writeString(text: string): void {
    if (SURROGATE.test(text)) this.writeBytes(encoder.encode(text));
    else super.writeString(text);
  }
}
