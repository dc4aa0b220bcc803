import { ANNOTATIONS } from '@agentteam/contract';
import type { ObjectMeta } from '../kube/objects.ts';

/** By event: the field manager that last wrote the annotation with a gate's answer. */
export type AnswerManagers = Readonly<Record<string, string>>;

/** Reads the field managers of answers from an object's `managedFields`. */
export function answerManagers({ managedFields = [] }: ObjectMeta): AnswerManagers {
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
