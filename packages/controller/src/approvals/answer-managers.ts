import { ANNOTATIONS } from '@agentteam/contract';
import type { ObjectMeta } from '../kube/objects.ts';

/** Ids of questions contain a full stop, and events of gates do not. */
const PREFIXES = [`f:${ANNOTATIONS.approvedPrefix}`, `f:${ANNOTATIONS.answerPrefix}`];

/** By event or id of a question: the field manager that last wrote the annotation with the answer. */
export type AnswerManagers = Readonly<Record<string, string>>;

/** Reads the field managers of answers from an object's `managedFields`. */
export function answerManagers({ managedFields = [] }: ObjectMeta): AnswerManagers {
  return Object.fromEntries(
    managedFields.flatMap(({ manager, fieldsV1 }) => {
      const annotations = field(field(fieldsV1, 'f:metadata'), 'f:annotations');
      return Object.keys(annotations ?? {}).flatMap((name) => {
        const prefix = PREFIXES.find((one) => name.startsWith(one));
        return prefix === undefined || manager === undefined
          ? []
          : [[name.slice(prefix.length), manager] as const];
      });
    }),
  );
}

function field(fields: unknown, name: string): object | undefined {
  const value = (fields as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'object' && value !== null ? value : undefined;
}
