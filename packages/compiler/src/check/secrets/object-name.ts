import { ACCOUNT_TOKEN_END, FIGURES, GATE_KEY_SECRET, OBJECT_NAME } from '@agentteam/contract';
import type { Problem } from '../../problem.ts';
import { TEAM_CLAIM_END } from '../../resolve/names.ts';

/** Checks the name of a Secret, ConfigMap, claim or class. */
export function checkObjectName(name: string, path: Problem['path']): readonly Problem[] {
  if (!OBJECT_NAME.test(name)) {
    return [
      {
        code: 'bad-object-name',
        path,
        message: `\`${name}\` is not a valid name for a Kubernetes object`,
        hint: 'use lower-case letters, digits, hyphens and dots; start and end with a letter or digit',
      },
    ];
  }
  const reserved = reservedFor(name, path.at(-1));
  if (reserved === undefined) return [];
  return [{ code: 'reserved-name', path, ...reserved }];
}

/** Objects with which the product keeps its promises. An agent that could use them would be bound by none. */
function reservedFor(
  name: string,
  field: string | number | undefined,
): Pick<Problem, 'message' | 'hint'> | undefined {
  if ((field === 'pvc' || field === 'claimName') && name.endsWith(TEAM_CLAIM_END)) {
    return {
      message: `\`${name}\` is the name of a claim that the pods of a team share, with its ledger and its repositories`,
      hint: `use a claim whose name does not end with ${TEAM_CLAIM_END}`,
    };
  }
  if (name.endsWith(ACCOUNT_TOKEN_END)) {
    return {
      message: `\`${name}\` is the Secret with which Argo's executor reports the results of steps`,
      hint: `use a Secret whose name does not end with ${ACCOUNT_TOKEN_END}`,
    };
  }
  if (name !== FIGURES.secret && name !== GATE_KEY_SECRET) return undefined;
  return {
    message: `\`${name}\` is the Secret with which the controller proves that it is the controller`,
    hint: 'use another Secret',
  };
}
