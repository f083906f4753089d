/** A line of a log with where it came from. */
export interface LogLine {
  /** Grows by one with each line, so that a list has keys. */
  readonly id: number;
  /** The key of the container that wrote it. */
  readonly source: string;
  /** RFC 3339 with fractions, as the kubelet wrote it; undefined when the line has none. */
  readonly at: string | undefined;
  readonly text: string;
}

/** What a log keeps; the oldest lines go. */
export const maxLogLines = 10_000;

/** What of a longer line is kept, in UTF-16 units; the rest is dropped, and `…` says so. */
export const maxLineLength = 65_536;

/** Colours and cursor movements, which only a terminal understands (ECMA-48, 5.4: control sequences). */
// eslint-disable-next-line no-control-regex -- they begin with a control character
const controlSequences = /\u001b\[[0-?]*[ -/]*[@-~]/g;

/** Takes the timestamp off a line that was asked for with `timestamps=true`, and control sequences out of it. */
export function parseLogLine(line: string): { readonly at: string | undefined; readonly text: string } {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/.exec(line);
  const text = match === null ? line : line.slice(match[0].length);
  return { at: match?.[1], text: text.replace(controlSequences, '') };
}

/** Cuts a stream of text into lines; what follows the last newline waits for more, up to {@link maxLineLength}. */
export class LineSplitter {
  #rest = '';
  #isCut = false;

  push(chunk: string): readonly string[] {
    const parts = chunk.split('\n');
    const last = parts.pop() ?? '';
    const lines = parts.map((part) => {
      this.#add(part);
      return this.#take();
    });
    this.#add(last);
    return lines;
  }

  /** What was left without a newline at the end. */
  end(): readonly string[] {
    return this.#rest === '' ? [] : [this.#take()];
  }

  #add(part: string): void {
    const room = maxLineLength - this.#rest.length;
    this.#rest += part.slice(0, room);
    this.#isCut ||= part.length > room;
  }

  #take(): string {
    const line = this.#isCut ? `${this.#rest}…` : this.#rest.replace(/\r$/, '');
    this.#rest = '';
    this.#isCut = false;
    return line;
  }
}

/** The lines of several sources in the order of their times; bounded, the oldest are dropped and counted. */
export class LogBuffer {
  #lines: LogLine[] = [];
  #nextId = 0;
  dropped = 0;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Adds what one source wrote. Each source is in order by itself, so that only the end has to be looked at. */
  append(source: string, written: readonly Pick<LogLine, 'at' | 'text'>[]): void {
    if (written.length === 0) return;
    const lines = this.#lines.slice();
    for (const { at, text } of written) {
      const line: LogLine = { id: this.#nextId, source, at, text };
      this.#nextId += 1;
      let index = lines.length;
      while (index > 0 && isAfter(lines[index - 1] as LogLine, line)) index -= 1;
      lines.splice(index, 0, line);
    }
    const excess = Math.max(0, lines.length - maxLogLines);
    this.dropped += excess;
    this.#lines = excess === 0 ? lines : lines.slice(excess);
  }

  clear(): void {
    this.#lines = [];
    this.dropped = 0;
  }
}

/** Within one source the order of arrival counts. */
function isAfter(left: LogLine, right: LogLine): boolean {
  return left.source !== right.source && left.at !== undefined && right.at !== undefined && left.at > right.at;
}
