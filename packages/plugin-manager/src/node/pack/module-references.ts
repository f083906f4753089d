import { getLineInfo, parse, type AnyNode, type Program } from 'acorn';
import { contributionKinds } from '../../protocol/contributions.ts';

/** What a module names of what is outside it. */
export interface ModuleReference {
  /**
   * `static` of `import … from` and `export … from`, `dynamic` of `import(…)`, `url` of `new URL(…, import.meta.url)`,
   * `require` of a call of what bundlers leave of CommonJS.
   */
  readonly kind: 'static' | 'dynamic' | 'url' | 'require';
  readonly specifier: string;
  /** `with {type: …}`: it need not be a script. */
  readonly isTyped: boolean;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/** What is to be known of a module before it runs. */
export interface ModuleShape {
  /** In the order of the text, without those whose text is made when the module runs. */
  readonly references: readonly ModuleReference[];
  /** `*` stands for any. Without those of `stars`. */
  readonly exportNames: ReadonlySet<string>;
  /** Modules whose names are exported again, by `export * from`; their default is not. */
  readonly stars: readonly string[];
  /** What looks like `register('<kind>', {id: '<id>', …})`, whatever the function is called. */
  readonly registrations: readonly Registration[];
  /** Texts that stand there as they are, and may be ids. */
  readonly texts: ReadonlySet<string>;
}

/** A contribution that a module registers. */
export interface Registration {
  readonly kind: string;
  /** Undefined: it is known when the module runs. */
  readonly id: string | undefined;
}

type Found = Pick<ModuleReference, 'kind' | 'specifier' | 'isTyped'> & {
  readonly start: number;
  /** What is called, of a call that may be a `require`. */
  readonly callee?: string | undefined;
};

/** Reads an ES module. Throws what acorn throws: a SyntaxError with `loc`. */
export function readModule(source: string): ModuleShape {
  const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module' });
  const found: Found[] = [];
  const registrations: Registration[] = [];
  const texts = new Set<string>();
  const requires = new Set(['require', '__require']);
  let isRequireBound = false;
  // Not recursive: a bundle may be nested deeper than the stack.
  const waiting: AnyNode[] = [program];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const reference = referenceOf(node);
    if (reference !== undefined) found.push(reference);
    const helper = helperOf(node, source);
    if (helper !== undefined) requires.add(helper);
    isRequireBound ||= bindsRequire(node);
    const registration = registrationOf(node);
    if (registration !== undefined) registrations.push(registration);
    const text = textOf(node);
    if (text !== undefined && text.length <= maxIdLength) texts.add(text);
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) waiting.push(child);
    }
  }
  // A bundle may bring a `require` of its own, which finds what was bundled.
  if (isRequireBound) requires.delete('require');
  const references = found
    .filter(({ callee }) => callee === undefined || requires.has(callee))
    .sort((a, b) => a.start - b.start)
    .map(({ kind, specifier, isTyped, start }) => {
      const { line, column } = getLineInfo(source, start);
      return { kind, specifier, isTyped, line, column: column + 1 };
    });
  return { references, exportNames: exportNamesOf(program), stars: starsOf(program), registrations, texts };
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function referenceOf(node: AnyNode): Found | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration': {
      const { source, attributes } = node;
      if (source === null || source === undefined) return undefined;
      return { kind: 'static', specifier: String(source.value), isTyped: attributes.length > 0, start: source.start };
    }
    case 'ImportExpression': {
      const specifier = textOf(node.source);
      const { start } = node.source;
      return specifier === undefined
        ? undefined
        : { kind: 'dynamic', specifier, isTyped: node.options !== null && node.options !== undefined, start };
    }
    case 'NewExpression': {
      const [address, base] = node.arguments;
      if (address === undefined || base === undefined || !isUrlOfModule(node.callee, base)) return undefined;
      const specifier = textOf(address);
      return specifier === undefined ? undefined : { kind: 'url', specifier, isTyped: false, start: address.start };
    }
    case 'CallExpression': {
      const [argument, ...more] = node.arguments;
      if (node.callee.type !== 'Identifier' || argument === undefined || more.length > 0) return undefined;
      const specifier = textOf(argument);
      const { start } = argument;
      return specifier === undefined
        ? undefined
        : { kind: 'require', specifier, isTyped: false, start, callee: node.callee.name };
    }
    default:
      return undefined;
  }
}

/** Of a contribution. */
const maxIdLength = 64;
const kinds: ReadonlySet<string> = new Set(contributionKinds);

function registrationOf(node: AnyNode): Registration | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const [first, second] = node.arguments;
  const kind = first && textOf(first);
  if (kind === undefined || !kinds.has(kind) || second === undefined) return undefined;
  if (second.type !== 'ObjectExpression') return { kind, id: undefined };
  const id = second.properties.find(
    (property) => property.type === 'Property' && !property.computed && nameOfKey(property.key) === 'id',
  );
  return { kind, id: id?.type === 'Property' ? textOf(id.value) : undefined };
}

function nameOfKey(key: AnyNode): string | undefined {
  return key.type === 'Identifier' ? key.name : textOf(key);
}

/** What esbuild and Rolldown put in place of `require`; its name is another one in a bundle that is minified. */
const helperText = /Dynamic require of|in an environment that doesn/;
const maxHelperLength = 1_000;

function helperOf(node: AnyNode, source: string): string | undefined {
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier' || !node.init) return undefined;
  const { start, end } = node.init;
  if (end - start > maxHelperLength) return undefined;
  return helperText.test(source.slice(start, end)) ? node.id.name : undefined;
}

function bindsRequire(node: AnyNode): boolean {
  const isRequire = (bound: AnyNode | null): boolean => bound?.type === 'Identifier' && bound.name === 'require';
  switch (node.type) {
    case 'VariableDeclarator':
      return isRequire(node.id);
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return isRequire(node.id ?? null) || node.params.some(isRequire);
    default:
      return false;
  }
}

function isUrlOfModule(callee: AnyNode, base: AnyNode): boolean {
  return (
    callee.type === 'Identifier' &&
    callee.name === 'URL' &&
    base.type === 'MemberExpression' &&
    base.object.type === 'MetaProperty' &&
    base.property.type === 'Identifier' &&
    base.property.name === 'url'
  );
}

/** A text that stands there as it is. */
function textOf(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  return node.type === 'TemplateLiteral' && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? undefined)
    : undefined;
}

function exportNamesOf({ body }: Program): ReadonlySet<string> {
  return new Set(
    body.flatMap((node) => {
      if (node.type === 'ExportDefaultDeclaration') return ['default'];
      if (node.type === 'ExportAllDeclaration') return node.exported ? [nameOf(node.exported)] : [];
      if (node.type !== 'ExportNamedDeclaration') return [];
      const { declaration, specifiers } = node;
      const names = specifiers.map(({ exported }) => nameOf(exported));
      if (declaration === null || declaration === undefined) return names;
      if (declaration.type !== 'VariableDeclaration') return [...names, declaration.id.name];
      // A pattern may hold any name, and nothing that counts on names depends on which.
      return [...names, ...declaration.declarations.map(({ id }) => (id.type === 'Identifier' ? id.name : '*'))];
    }),
  );
}

function starsOf({ body }: Program): readonly string[] {
  return body.flatMap((node) =>
    node.type === 'ExportAllDeclaration' && !node.exported ? [String(node.source.value)] : [],
  );
}

function nameOf(
  node: { readonly type: 'Identifier'; readonly name: string } | { readonly type: 'Literal'; readonly value?: unknown },
): string {
  return node.type === 'Identifier' ? node.name : String(node.value);
}
