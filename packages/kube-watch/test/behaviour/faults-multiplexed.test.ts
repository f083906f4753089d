import { faultsSuite } from './faults.suite.ts';

faultsSuite('multiplexed');
