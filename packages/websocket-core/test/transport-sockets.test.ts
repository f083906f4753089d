import { realHarness } from './transport/harness.ts';
import { transportSuite } from './transport/transport-suite.ts';

transportSuite('real sockets', realHarness);
