import type { Rule } from 'eslint';
import { basename, sep } from 'node:path';

const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*\.[jt]sx?$|^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.mjs$/;
const COMPONENT = /^[A-Z][A-Za-z0-9]*(?:\.test)?\.tsx$/;

/** File names are kebab-case; a React component's file may be PascalCase inside a `react` folder or the dashboard. */
export const kebabCase: Rule.RuleModule = {
  meta: { type: 'suggestion', schema: [], messages: { name: 'Name this file in kebab-case, not "{{name}}".' } },
  create(context) {
    const name = basename(context.filename);
    const mayBeComponent =
      context.filename.includes(`${sep}react${sep}`) || context.filename.includes(`${sep}web${sep}`);
    if (KEBAB.test(name) || (mayBeComponent && COMPONENT.test(name))) return {};
    return {
      Program(node) {
        context.report({ node, messageId: 'name', data: { name } });
      },
    };
  },
};
