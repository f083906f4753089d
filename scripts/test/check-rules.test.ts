import { describe, expect, it } from 'vitest';
import { compareRules, readCitations } from '../check-rules.ts';

const PROTOCOL = `# Protocol
## Frames
- **[R1]** A frame is one JSON object.
- **[R2]** A peer ignores unknown keys.
- **[R3]** A frame may be split. (specified, not built)
## Streams (specified, not built)
### Credit
**[R4]** Credit is at most 1 MiB.
## Closing
1. **[R5]** A reason is at most 123 bytes.
\`\`\`
**[R6]** stands in an example
\`\`\`
`;
const cite = (...ids: string[]) => new Map([['src/a.test.ts', ids]]);

describe('the rule check', () => {
  it('is content when every built rule is cited', () => {
    const report = compareRules(PROTOCOL, cite('R1', 'R2', 'R5'));
    expect(report).toEqual({ rules: ['R1', 'R2', 'R3', 'R4', 'R5'], exempt: ['R3', 'R4'], problems: [] });
  });

  it('names a built rule that no test cites', () => {
    expect(compareRules(PROTOCOL, cite('R1', 'R5')).problems).toEqual(['rule R2 has no test that cites it']);
  });

  it('names a citation of a rule that does not exist', () => {
    expect(compareRules(PROTOCOL, cite('R1', 'R2', 'R5', 'R9')).problems).toEqual([
      'src/a.test.ts cites R9, which PROTOCOL.md does not define',
    ]);
  });

  it('names a rule that is defined twice', () => {
    const { problems } = compareRules(`${PROTOCOL}- **[R1]** Again.\n`, cite('R1', 'R2', 'R5'));
    expect(problems).toEqual(['rule R1 is defined twice']);
  });

  it('reads the ids at the start of a title, and of conformance cases', () => {
    expect(readCitations("it('[R1][R2] holds', f); it('holds [R3]', f); it(`[R4] x ${y}`, f)", 'source')).toEqual([
      'R1',
      'R2',
      'R4',
    ]);
    expect(readCitations('[{"rule": "R1"}, {"rules": ["R2", "R3"]}]', 'json')).toEqual(['R1', 'R2', 'R3']);
  });
});
