import { ANNOTATIONS } from '@agentteam/contract';
import type { ObjectMeta } from '../kube/objects.ts';

/** By event: the program through which a gate's answer was written last, as it called itself. */
export type AnsweredThrough = Readonly<Record<string, string>>;

/** What the API server has recorded of who wrote which annotation. Pure. */
export function answeredThrough({ managedFields = [] }: ObjectMeta): AnsweredThrough {
  const prefix = `f:${ANNOTATIONS.approvedPrefix}`;
  return Object.fromEntries(
    managedFields.flatMap(({ manager, fieldsV1 }) => {
      const annotations = field(field(fieldsV1, 'f:metadata'), 'f:annotations');
      return Object.keys(annotations ?? {})
        .filter((name) => name.startsWith(prefix) && manager !== undefined)
        .map((name) => [name.slice(prefix.length), manager as string]);
    }),
  );
}

function field(fields: unknown, name: string): object | undefined {
  const value = (fields as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'object' && value !== null ? value : undefined;
}
