import { clientSuite } from './client.suite.ts';
import { feedsSuite } from './feeds.suite.ts';
import type { MakeHarness } from './harness.ts';
import { limitsSuite } from './limits.suite.ts';
import { openingSuite } from './opening.suite.ts';
import { requestsSuite } from './requests.suite.ts';
import { subscriptionsSuite } from './subscriptions.suite.ts';
import { tokensSuite } from './tokens.suite.ts';

/** What every transport must carry: the same cases over linked pairs and over real sockets. */
export function transportSuite(name: string, make: MakeHarness): void {
  openingSuite(name, make);
  requestsSuite(name, make);
  subscriptionsSuite(name, make);
  feedsSuite(name, make);
  limitsSuite(name, make);
  tokensSuite(name, make);
  clientSuite(name, make);
}
