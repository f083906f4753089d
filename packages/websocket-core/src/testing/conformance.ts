import type { ConformanceWire, WireEvent } from './conformance-wire.ts';
import { matchValue, fillIn, type Bindings } from './conformance-values.ts';

/** One file of `conformance/`; `conformance/README.md` describes the members. */
export interface ConformanceFile {
  /** Which peer is under test; the runner plays the other one. */
  readonly peer: 'accepting' | 'connecting';
  readonly about: string;
  readonly cases: readonly ConformanceCase[];
}

/** One case: steps that are taken in order, against a peer that was just created. */
export interface ConformanceCase {
  readonly title: string;
  /** Rules of PROTOCOL.md that the case proves. */
  readonly rules: readonly string[];
  /** Limits of the connection that differ from the fixture's. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly steps: readonly ConformanceStep[];
}

/** What the peer under test is asked to do; the fixture in `conformance/README.md` lists the actions. */
export interface ConformanceAction {
  readonly action: string;
  readonly [parameter: string]: unknown;
}

/** One step; `conformance/README.md` says what each does. */
export type ConformanceStep =
  | { readonly connect: true }
  | { readonly send: Readonly<Record<string, unknown>>; readonly times?: number; readonly padToBytes?: number }
  | { readonly sendText: string }
  | { readonly sendBytes: readonly number[] }
  | { readonly expect: Readonly<Record<string, unknown>>; readonly withinMs?: number; readonly skip?: string }
  | { readonly expectNothing: true }
  | { readonly expectClose: number | '*'; readonly withinMs?: number; readonly skip?: string }
  | { readonly close: { readonly code: number; readonly reason: string } }
  | { readonly cut: true }
  | { readonly advanceMs: number }
  | { readonly answerPings: boolean }
  | { readonly expectDial: { readonly withinMs: number } }
  | { readonly expectNoDial: { readonly forMs: number } }
  | { readonly do: ConformanceAction }
  | { readonly expectOutcome: { readonly of: string; readonly is: unknown } };

/** The peer under test, in the fixture that `conformance/README.md` describes. */
export interface ConformanceSubject {
  /** An accepting peer: a new socket to it. A connecting one: the next socket that it opened, if there is one. */
  nextWire(): ConformanceWire | undefined | Promise<ConformanceWire | undefined>;
  /** Moves the peer's clock on, and lets everything that is under way arrive; with 0 only the latter. */
  advance(ms: number): Promise<void>;
  act(action: ConformanceAction): unknown;
  /** What came of the action that was named so. */
  outcome(name: string): unknown;
  dispose(): void | Promise<void>;
}

/** Steps in which the runner moves the clock while it waits: fine enough for every duration of the protocol. */
const waitStepMs = 50;

/** Runs one case; rejects with the step that failed and why. Disposes the subject in any case. */
export async function runConformanceCase(conformanceCase: ConformanceCase, subject: ConformanceSubject): Promise<void> {
  const run = new CaseRun(subject);
  try {
    for (const [index, step] of conformanceCase.steps.entries()) {
      try {
        await run.step(step);
      } catch (error) {
        throw new Error(`step ${String(index + 1)} ${JSON.stringify(step)}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  } finally {
    await subject.dispose();
  }
}

class CaseRun {
  readonly #subject: ConformanceSubject;
  readonly #bindings: Bindings = new Map();
  #wire: ConformanceWire | undefined;
  #answersPings = true;
  /** What arrived before the step that looks at it. */
  #arrived: WireEvent[] = [];

  constructor(subject: ConformanceSubject) {
    this.#subject = subject;
  }

  async step(step: ConformanceStep): Promise<void> {
    if ('connect' in step) await this.#connect(0);
    else if ('expectDial' in step) await this.#connect(step.expectDial.withinMs);
    else if ('expectNoDial' in step) await this.#expectNoDial(step.expectNoDial.forMs);
    else if ('send' in step)
      await this.#send(textOf(fillIn(step.send, this.#bindings), step.padToBytes), step.times ?? 1);
    else if ('sendText' in step) await this.#send(step.sendText, 1);
    else if ('sendBytes' in step) await this.#flush(this.#open().sendBytes(Uint8Array.from(step.sendBytes)));
    else if ('expect' in step) await this.#expect(step.expect, step);
    else if ('expectNothing' in step) await this.#expectNothing();
    else if ('expectClose' in step) await this.#expectClose(step.expectClose, step);
    else if ('close' in step) await this.#flush(this.#open().close(step.close.code, step.close.reason));
    else if ('cut' in step) await this.#flush(this.#open().cut());
    else if ('advanceMs' in step) await this.#wait(step.advanceMs);
    else if ('answerPings' in step) this.#answersPings = step.answerPings;
    else if ('do' in step)
      await this.#flush(await this.#subject.act(fillIn(step.do, this.#bindings) as ConformanceAction));
    else if ('expectOutcome' in step) this.#expectOutcome(step.expectOutcome.of, step.expectOutcome.is);
    else throw new Error('unknown step');
  }

  #open(): ConformanceWire {
    if (this.#wire === undefined) throw new Error('no connection yet');
    return this.#wire;
  }

  async #flush(_done: unknown): Promise<void> {
    await this.#subject.advance(0);
    this.#collect();
  }

  async #connect(withinMs: number): Promise<void> {
    this.#arrived = [];
    this.#wire = undefined;
    for (let waitedMs = 0; this.#wire === undefined; waitedMs += waitStepMs) {
      await this.#subject.advance(0);
      this.#wire = await this.#subject.nextWire();
      if (this.#wire === undefined && waitedMs >= withinMs)
        throw new Error(`no connection within ${String(withinMs)} ms`);
      if (this.#wire === undefined) await this.#subject.advance(waitStepMs);
    }
    await this.#flush(undefined);
  }

  async #expectNoDial(forMs: number): Promise<void> {
    await this.#subject.advance(forMs);
    if ((await this.#subject.nextWire()) !== undefined) throw new Error('it connected again');
  }

  async #send(text: string, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) this.#open().sendText(text);
    await this.#flush(undefined);
  }

  /** Moves the clock, answering pings all the while. */
  async #wait(ms: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < ms; waitedMs += waitStepMs) {
      await this.#subject.advance(Math.min(waitStepMs, ms - waitedMs));
      this.#collect();
    }
    await this.#flush(undefined);
  }

  /** Takes what arrived. A ping may come at any time: it is answered here, and kept for a step that expects it. */
  #collect(): void {
    const wire = this.#wire;
    for (let event = wire?.take(); event !== undefined; event = wire?.take()) {
      this.#arrived.push(event);
      if (event.kind !== 'text' || typeOf(event) !== 'ping' || !this.#answersPings) continue;
      wire?.sendText(JSON.stringify({ ...(JSON.parse(event.text) as object), type: 'pong' }));
    }
  }

  async #next(isWanted: (event: WireEvent) => boolean, withinMs: number): Promise<WireEvent> {
    for (let waitedMs = 0; ; waitedMs += waitStepMs) {
      await this.#flush(undefined);
      const index = this.#arrived.findIndex(isWanted);
      const [event] = index === -1 ? [] : this.#arrived.splice(0, index + 1).slice(-1);
      if (event !== undefined) return event;
      if (waitedMs >= withinMs) throw new Error('nothing came');
      await this.#subject.advance(waitStepMs);
    }
  }

  async #expect(expected: Readonly<Record<string, unknown>>, { withinMs = 0, skip }: Patience): Promise<void> {
    const skipped = [...(skip === undefined ? [] : [skip]), ...(expected['type'] === 'ping' ? [] : ['ping'])];
    const event = await this.#next((candidate) => !skipped.includes(typeOf(candidate)), withinMs);
    if (event.kind !== 'text') throw new Error(`got ${describe(event)}`);
    const problem = matchValue(expected, JSON.parse(event.text), this.#bindings);
    if (problem !== undefined) throw new Error(`${problem} in ${event.text}`);
  }

  async #expectNothing(): Promise<void> {
    await this.#flush(undefined);
    const event = this.#arrived.find((candidate) => typeOf(candidate) !== 'ping');
    if (event !== undefined) throw new Error(`got ${describe(event)}`);
  }

  async #expectClose(code: number | '*', { withinMs = 0, skip }: Patience): Promise<void> {
    const event = await this.#next((candidate) => typeOf(candidate) !== 'ping' && typeOf(candidate) !== skip, withinMs);
    if (event.kind !== 'close' || (code !== '*' && event.code !== code)) throw new Error(`got ${describe(event)}`);
  }

  #expectOutcome(name: string, expected: unknown): void {
    const outcome = this.#subject.outcome(name);
    const problem = matchValue(expected, outcome, this.#bindings);
    if (problem !== undefined) throw new Error(`${problem} in ${JSON.stringify(outcome)}`);
  }
}

/** How long a step waits, and frames of which type it passes over. */
interface Patience {
  readonly withinMs?: number;
  readonly skip?: string;
}

/** The type of a frame; empty for what is none, so that it is never passed over. */
function typeOf(event: WireEvent): string {
  if (event.kind !== 'text') return '';
  try {
    return String((JSON.parse(event.text) as { readonly type?: unknown } | null)?.type);
  } catch {
    return '';
  }
}

function describe(event: WireEvent): string {
  if (event.kind === 'close') return `a close with ${String(event.code)} "${event.reason}"`;
  return event.kind === 'text' ? event.text : `the bytes ${[...event.bytes].join(' ')}`;
}

/** JSON of a frame, with a member of as many letters as it takes to make the text `padToBytes` long. */
function textOf(frame: unknown, padToBytes: number | undefined): string {
  if (padToBytes === undefined) return JSON.stringify(frame);
  const bare = JSON.stringify({ ...(frame as object), pad: '' });
  return JSON.stringify({ ...(frame as object), pad: 'x'.repeat(padToBytes - bare.length) });
}
