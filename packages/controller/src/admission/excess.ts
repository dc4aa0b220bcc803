import {
  AGENT_TEAM,
  AGENT_TEAM_RUN,
  AGENT_TEAM_TEMPLATE,
  agentTeamRunSchema,
  agentTeamSchema,
  agentTeamTemplateSchema,
  type Schema,
} from '@agentteam/api';
import { isRecord } from '@agentteam/contract';
import type { AdmissionObject, AdmissionRequest, Verdict } from './review.ts';

const SCHEMAS: Readonly<Record<string, Schema>> = {
  [AGENT_TEAM.kind]: agentTeamSchema,
  [AGENT_TEAM_RUN.kind]: agentTeamRunSchema,
  [AGENT_TEAM_TEMPLATE.kind]: agentTeamTemplateSchema,
};

/** Kubernetes' limit on the annotations of an object (`TotalAnnotationSizeLimitB`). */
const ANNOTATION_BYTES = 262_144;
/** The stored object may be of a release whose lists could be longer. */
const STORED_TIMES = 16;

/**
 * Refuses an object with more annotations or longer lists than Kubernetes allows. The API server compares an
 * object with the limits of its definition only after the first webhook, which compares annotations with lists.
 * @returns undefined for an object within the limits.
 */
export function refuseExcess({ kind, object, oldObject }: AdmissionRequest): Verdict | undefined {
  const message =
    excessIn(kind.kind, object, 1) ??
    (oldObject == null ? undefined : excessIn(kind.kind, oldObject, STORED_TIMES));
  return message === undefined ? undefined : { allowed: false, code: 422, message };
}

function excessIn(
  kind: string,
  { metadata, spec, status }: AdmissionObject,
  times: number,
): string | undefined {
  const { annotations = {} } = metadata;
  let bytes = 0;
  for (const [name, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(String(value));
  }
  if (bytes > ANNOTATION_BYTES * times) {
    return `metadata.annotations: they have ${bytes} bytes; the limit is ${ANNOTATION_BYTES}`;
  }
  const { properties } = SCHEMAS[kind] ?? {};
  return (
    longListIn(spec, properties?.['spec'], times, 'spec') ??
    longListIn(status, properties?.['status'], times, 'status')
  );
}

/** Reads no item of a list that is too long. */
function longListIn(
  value: unknown,
  schema: Schema | undefined,
  times: number,
  path: string,
): string | undefined {
  if (schema === undefined) return undefined;
  if (Array.isArray(value)) {
    const { maxItems = Number.POSITIVE_INFINITY, items } = schema;
    if (value.length > maxItems * times) {
      return `${path}: it has ${value.length} items; the limit is ${maxItems}`;
    }
    return firstOf(value.entries(), ([index, item]) =>
      longListIn(item, items, times, `${path}[${index}]`),
    );
  }
  if (!isRecord(value)) return undefined;
  return firstOf(Object.entries(schema.properties ?? {}), ([name, below]) =>
    Object.hasOwn(value, name)
      ? longListIn(value[name], below, times, `${path}.${name}`)
      : undefined,
  );
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
