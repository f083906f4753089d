import type { StatusCause } from '../../protocol/status.ts';
import type { ResourceDefinition } from '../resource-definition.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const DNS_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';

interface NameRule {
  readonly pattern: RegExp;
  readonly maxLength: number;
  readonly message: string;
}

const SUBDOMAIN_RULE: NameRule = {
  pattern: new RegExp(`^${SUBDOMAIN}$`),
  maxLength: 253,
  message: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
};

const LABEL_RULE: NameRule = {
  pattern: new RegExp(`^${LABEL}$`),
  maxLength: 63,
  message: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
};

const SERVICE_RULE: NameRule = {
  pattern: new RegExp(`^${DNS_1035}$`),
  maxLength: 63,
  message: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${DNS_1035}')`,
};

const PATH_RULE: NameRule = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  maxLength: Infinity,
  message: "may not be '.' or '..' and may not contain '/' or '%'",
};

function ruleOf({ group, resource }: ResourceDefinition): NameRule {
  if (group === 'rbac.authorization.k8s.io') return PATH_RULE;
  if (group !== '') return SUBDOMAIN_RULE;
  if (resource === 'namespaces') return LABEL_RULE;
  return resource === 'services' ? SERVICE_RULE : SUBDOMAIN_RULE;
}

/** What is wrong with the name of a new object (Kubernetes documentation, Object Names and IDs). */
export function nameCauses(definition: ResourceDefinition, name: string): readonly StatusCause[] {
  const field = 'metadata.name';
  if (name === '') {
    return [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field }];
  }
  const rule = ruleOf(definition);
  const cause = (why: string): StatusCause => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(name)}: ${why}`,
    field,
  });
  if (name.length > rule.maxLength) return [cause(`must be no more than ${String(rule.maxLength)} bytes`)];
  return rule.pattern.test(name) ? [] : [cause(rule.message)];
}
