import { linkedHarness } from './transport/harness.ts';
import { transportSuite } from './transport/transport-suite.ts';

transportSuite('linked pair', linkedHarness);
