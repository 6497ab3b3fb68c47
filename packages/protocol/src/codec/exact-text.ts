/**
 * pbf with texts that arrive as they were sent. Its own reader drops a byte order mark at the start of longer texts;
 * its own writer turns characters of the even planes into others (U+20000, a rare ideograph, into U+10000).
 */
import { PbfReader, PbfWriter } from 'pbf';
import { varintBytes } from './varint-bytes.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
/** Below this, pbf decodes a text by itself, which is faster and exact. */
const SHORT_TEXT_BYTES = 12;
/** From here on the platform's own encoder is faster. */
const LONG_TEXT_CHARS = 64;
/** Of one UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;
const VARINT_BYTES_MAX = 5;
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
    if (text.length < LONG_TEXT_CHARS && !SURROGATE.test(text)) {
      super.writeString(text);
      return;
    }
    this.realloc(text.length * UTF8_BYTES_MAX + VARINT_BYTES_MAX);
    const start = this.pos;
    // Most texts are ASCII, whose length is known beforehand; another one is moved to where its own length ends.
    const guessed = varintBytes(text.length);
    const { written } = encoder.encodeInto(text, this.buf.subarray(start + guessed));
    const needed = varintBytes(written);
    if (needed !== guessed) this.buf.copyWithin(start + needed, start + guessed, start + guessed + written);
    this.writeVarint(written);
    this.pos += written;
  }
}
