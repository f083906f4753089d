// The subscribers' process: raw peers of one contender, driven by the runner's calls. First argument: its name.
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { answerCalls, openFilesLimit } from './child-calls.ts';
import { Crowd } from './crowd.ts';
import { DeliveryRound } from './delivery-round.ts';
import { dialects, type ContenderName } from './dialects.ts';
import { clientRoundTrips, rawRoundTrips } from './round-trips.ts';

const name = process.argv[2] as ContenderName;
const crowd = new Crowd(dialects[name]);
let control: Socket | undefined;

answerCalls({
  openFiles: openFilesLimit,
  connectControl: ({ controlPort }: { controlPort: number }) =>
    new Promise<void>((resolve) => {
      control = connect({ host: '127.0.0.1', port: controlPort, noDelay: true }, resolve);
    }),
  async connectPeers({ count, port }: { count: number; port: number }) {
    await crowd.connect(count, port);
    return crowd.size;
  },
  startRound({ outstanding, measureLatency }: { outstanding: number; measureLatency: boolean }) {
    const onBatch = (): void => {
      control?.write('.');
    };
    crowd.round = new DeliveryRound({ subscribers: crowd.size, outstanding, measureLatency, onBatch });
  },
  endRound: () => crowd.round?.result,
  rawRoundTrips: ({ count, port }: { count: number; port: number }) => rawRoundTrips(name, port, count),
  clientRoundTrips: ({ count, port }: { count: number; port: number }) => clientRoundTrips(name, port, count),
  untilEmpty: () => crowd.untilEmpty(),
  restore: ({ publications }: { publications: number }) => crowd.restore(publications),
});
