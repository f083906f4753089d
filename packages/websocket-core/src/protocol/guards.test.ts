import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptingPeerFrame, anyText, mutatedText } from '../../test/support/frames.ts';
import { checkProperty, propertyTimeoutMs } from '../../test/support/property.ts';
import { decodeAcceptingPeerFrame, type Decoded } from './decode.ts';
import { guardAcceptingPeerFrame } from './guards.ts';

/** All of a verdict but its wording, and the frame, whose unknown keys only the schemas drop. */
function verdictOf(decoded: Decoded<unknown>): unknown {
  if (decoded.kind === 'malformed' || decoded.kind === 'frame') return decoded.kind;
  return [decoded.kind, decoded.type, decoded.id];
}

function expectEqualVerdicts(text: string): void {
  const [byGuards, bySchemas] = [guardAcceptingPeerFrame(text), decodeAcceptingPeerFrame(text)];
  expect(verdictOf(byGuards)).toEqual(verdictOf(bySchemas));
  if (byGuards.kind === 'frame' && bySchemas.kind === 'frame') expect(byGuards.frame).toMatchObject(bySchemas.frame);
}

describe('the guards and the schemas', { timeout: propertyTimeoutMs }, () => {
  it('accept every valid frame alike', () => {
    const property = fc.property(acceptingPeerFrame, (frame) => {
      const text = JSON.stringify(frame);
      expect(decodeAcceptingPeerFrame(text)).toMatchObject({ kind: 'frame' });
      expectEqualVerdicts(text);
    });
    checkProperty(property, 500);
  });

  it('[M6] give equal verdicts on frames with members changed, missing and added', () => {
    checkProperty(fc.property(mutatedText(acceptingPeerFrame), expectEqualVerdicts), 2_000);
  });

  it('[M2] [M3] [M5] give equal verdicts on any text', () => {
    checkProperty(fc.property(anyText(acceptingPeerFrame), expectEqualVerdicts), 1_500);
  });
});
