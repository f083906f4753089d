import { errorLine } from './representations.ts';
import { faultStatus } from './fault-box.ts';
import type { Fault } from './types.ts';
import { createSlowSink, type WatchSink } from './watch-sink.ts';

/** A sink that spoils a watch as its faults say. */
export interface FaultySink {
  readonly sink: WatchSink;
  /** To be called once before the first line: faults after no event at all strike here. */
  start(): void;
  /** To be called after each ADDED, MODIFIED and DELETED. */
  eventSent(): void;
}

const afterEventsOf = (fault: Fault): number => ('afterEvents' in fault ? (fault.afterEvents ?? 0) : 0);

/** Puts faults between a watch and its sink. */
export function createFaultySink(inner: WatchSink, faults: readonly Fault[]): FaultySink {
  const slow = faults.find((fault) => fault.kind === 'slow');
  const sink = slow ? createSlowSink(inner, slow.bytesPerSecond) : inner;
  let sent = 0;
  let isSpent = false;

  const strike = (fault: Fault): void => {
    switch (fault.kind) {
      case 'cut':
        isSpent = true;
        sink.cut();
        return;
      case 'end':
        isSpent = true;
        sink.end();
        return;
      case 'half-open':
        isSpent = true;
        sink.freeze();
        return;
      case 'garbage':
        sink.send(`${fault.line}\n`);
        return;
      case 'status':
        isSpent = true;
        sink.send(errorLine(faultStatus(fault)));
        sink.end();
        return;
      case 'delay':
      case 'slow':
      case 'no-websocket':
        return;
    }
  };
  const strikeDue = (): void => {
    for (const fault of faults) if (!isSpent && afterEventsOf(fault) === sent) strike(fault);
  };

  return {
    start: strikeDue,
    eventSent() {
      sent += 1;
      strikeDue();
    },
    sink: {
      send(line) {
        if (!isSpent) sink.send(line);
      },
      get isWritable() {
        return sink.isWritable;
      },
      onDrain: (callback) => {
        sink.onDrain(callback);
      },
      end() {
        if (!isSpent) sink.end();
      },
      destroy: () => {
        sink.destroy();
      },
      cut: () => {
        sink.cut();
      },
      freeze: () => {
        sink.freeze();
      },
    },
  };
}
