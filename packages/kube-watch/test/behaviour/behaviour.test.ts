import { carriers, startFake } from './setup.ts';
import { behaviourSuite } from './behaviour.suite.ts';

for (const carrier of carriers) behaviourSuite(carrier, startFake);
