// Objects in Kubernetes' protobuf (Kubernetes documentation, API concepts, § Kubernetes Protobuf encoding), which kubectl
// from 1.32 on and controllers in Go send for built-in types.
import protobuf from 'protobufjs/minimal.js';
import type { JsonSchema } from '../../core/resource-definition.ts';
import { sharedSchemas } from '../../core/resources/schema-registry.ts';
import { messageFields, type MessageFields } from './field-numbers.ts';
import { reviewSchemas } from './review-schemas.ts';

/** The media type of such objects. */
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** Before every object: `k8s` and a zero. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0]);

/**
 * Fields that tell zero from absence. All others are written even where they are not set, and a zero of theirs says
 * nothing.
 */
const MEANINGFUL_ZEROS = new Set([
  ...['replicas', 'minReplicas', 'parallelism', 'completions', 'backoffLimit', 'activeDeadlineSeconds', 'suspend'],
  ...['ttlSecondsAfterFinished', 'terminationGracePeriodSeconds', 'gracePeriodSeconds', 'orphanDependents'],
  ...['controller', 'blockOwnerDeletion', 'automountServiceAccountToken', 'enableServiceLinks', 'immutable'],
  ...['runAsUser', 'runAsGroup', 'runAsNonRoot', 'fsGroup', 'privileged', 'readOnlyRootFilesystem', 'optional'],
  ...['allowPrivilegeEscalation', 'tolerationSeconds', 'defaultMode', 'mode', 'priority', 'revisionHistoryLimit'],
  ...['progressDeadlineSeconds', 'partition', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit', 'maxSurge'],
  ...['startingDeadlineSeconds', 'storageClassName', 'allocateLoadBalancerNodePorts', 'maxUnavailable'],
]);

type Reader = protobuf.Reader;
type Json = Record<string, unknown>;

/** Calls back at each field of a message, which must read the value or skip it. */
function eachField(bytes: Uint8Array, visit: (number: number, wireType: number, reader: Reader) => void): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    visit(tag >>> 3, tag & 7, reader);
  }
}

function integer(reader: Reader): number {
  // A Long where that library is installed.
  const value = reader.int64() as unknown as number | { toNumber(): number };
  return typeof value === 'number' ? value : value.toNumber();
}

/** Fields of a small message as they are: numbers, and everything else as bytes. */
function plainFields(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>();
  eachField(bytes, (number, wireType, reader) => {
    if (wireType === 0) fields.set(number, integer(reader));
    else if (wireType === 2) fields.set(number, reader.bytes());
    else reader.skipType(wireType);
  });
  return fields;
}

const textOf = (bytes: number | Uint8Array | undefined): string =>
  bytes === undefined || typeof bytes === 'number' ? '' : Buffer.from(bytes).toString('utf8');

function timeOf(bytes: Uint8Array): string | undefined {
  const [seconds, nanoseconds] = [1, 2].map((number) => Number(plainFields(bytes).get(number) ?? 0));
  // The zero time of Go, which stands for none.
  if (seconds === undefined || seconds <= 0) return undefined;
  const whole = new Date(seconds * 1_000).toISOString().slice(0, 19);
  return nanoseconds ? `${whole}.${String(Math.floor(nanoseconds / 1_000)).padStart(6, '0')}Z` : `${whole}Z`;
}

function intOrStringOf(bytes: Uint8Array): number | string {
  const fields = plainFields(bytes);
  return fields.get(1) === 1 ? textOf(fields.get(3)) : Number(fields.get(2) ?? 0);
}

function resolve(schema: JsonSchema): { readonly name: string | undefined; readonly schema: JsonSchema } {
  const { ref: name } = schema;
  return { name, schema: name === undefined ? schema : (sharedSchemas[name] ?? reviewSchemas[name] ?? {}) };
}

function bytesValue(bytes: Uint8Array, given: JsonSchema): unknown {
  const { name, schema } = resolve(given);
  if (schema['x-kubernetes-int-or-string'] === true) return intOrStringOf(bytes);
  if (schema.format === 'date-time') return timeOf(bytes);
  if (schema.format === 'quantity') return textOf(plainFields(bytes).get(1));
  if (schema.format === 'byte') return Buffer.from(bytes).toString('base64');
  if (schema.type === 'string') return textOf(bytes);
  const fields = name === undefined ? undefined : messageFields(name);
  if (fields !== undefined) return messageValue(bytes, fields, schema);
  // RawExtension and FieldsV1 hold JSON in their first field.
  const json = textOf(plainFields(bytes).get(1));
  return json === '' ? undefined : (JSON.parse(json) as unknown);
}

function addField(into: Json, name: string, schema: JsonSchema, wireType: number, reader: Reader): void {
  const item = schema.type === 'array' ? (schema.items ?? {}) : schema;
  if (wireType !== 0 && wireType !== 2) {
    reader.skipType(wireType);
    return;
  }
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    const entry = plainFields(reader.bytes());
    const value = entry.get(2);
    const read = value === undefined || typeof value === 'number' ? '' : bytesValue(value, schema.additionalProperties);
    into[name] = { ...(into[name] as Json | undefined), [textOf(entry.get(1))]: read };
    return;
  }
  const number = wireType === 0 ? integer(reader) : 0;
  const value =
    wireType === 2 ? bytesValue(reader.bytes(), item) : resolve(item).schema.type === 'boolean' ? number !== 0 : number;
  if (schema.type === 'array') into[name] = [...((into[name] as unknown[] | undefined) ?? []), value];
  else if (value !== undefined && (Boolean(value) || MEANINGFUL_ZEROS.has(name))) into[name] = value;
}

function messageValue(bytes: Uint8Array, fields: MessageFields, schema: JsonSchema, into: Json = {}): Json {
  eachField(bytes, (number, wireType, reader) => {
    const field = fields.get(number);
    const property = typeof field === 'string' ? schema.properties?.[field] : undefined;
    if (typeof field === 'string' && property !== undefined) addField(into, field, property, wireType, reader);
    else if (typeof field === 'object' && wireType === 2) messageValue(reader.bytes(), field, schema, into);
    else reader.skipType(wireType);
  });
  return into;
}

function schemaNameOf(apiVersion: string, kind: string): string {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse();
  const name = `io.k8s.api.${group.split('.')[0]}.${version}.${kind}`;
  return messageFields(name) === undefined ? `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}` : name;
}

/**
 * The object in these bytes.
 *
 * @throws Error for bytes that are no such object, or one of an unknown kind.
 */
export function decodeKubeObject(bytes: Uint8Array): object {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) throw new Error('expected it to begin with "k8s" and a zero');
  const envelope = plainFields(bytes.subarray(MAGIC.length));
  const [type, raw] = [envelope.get(1), envelope.get(2)];
  if (typeof type !== 'object' || typeof raw !== 'object') throw new Error('expected a type and an object');
  const [apiVersion, kind] = [textOf(plainFields(type).get(1)), textOf(plainFields(type).get(2))];
  const name = schemaNameOf(apiVersion, kind);
  const fields = messageFields(name);
  if (fields === undefined) throw new Error(`no protobuf message of ${apiVersion} ${kind} is known here`);
  return { apiVersion, kind, ...messageValue(raw, fields, resolve({ ref: name }).schema) };
}
