/** A log file that cannot fill the disk: at its limit it becomes `<name>.1`, of which there is one. */
import * as fs from 'node:fs';

const tailMaxBytes = 2_000;

export class BoundedLog {
  #path: string;
  #maxBytes: number;
  #file: number;
  #sizeBytes: number;
  #tail = '';

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#file = fs.openSync(path, 'a', 0o600);
    this.#sizeBytes = fs.fstatSync(this.#file).size;
  }

  write(part: Buffer): void {
    this.#tail = (this.#tail + part.toString('utf8')).slice(-tailMaxBytes);
    if (this.#file < 0) return;
    try {
      if (this.#sizeBytes + part.length > this.#maxBytes) this.#turnOver();
      fs.writeSync(this.#file, part);
      this.#sizeBytes += part.length;
    } catch {
      // A full disk must not end the hub on account of a log line.
    }
  }

  /** The last words of this run: what a failed start is explained with. */
  tail(): string {
    return this.#tail.trim();
  }

  close(): void {
    if (this.#file >= 0) fs.closeSync(this.#file);
    this.#file = -1;
  }

  #turnOver(): void {
    fs.renameSync(this.#path, `${this.#path}.1`);
    const fresh = fs.openSync(this.#path, 'a', 0o600);
    fs.closeSync(this.#file);
    this.#file = fresh;
    this.#sizeBytes = 0;
  }
}
