import { OBJECT_NAME } from '@agentteam/contract';
import { Failure } from '../../failure.ts';

/**
 * Checks the name of a pod, which comes from the status of a team. The client library puts it into the path of a
 * request as it is, so another text could lead to another pod, in any namespace, and to another command there.
 * @throws Failure for a text that is not a name.
 */
export function podName(text: string): string {
  if (OBJECT_NAME.test(text)) return text;
  const shown = JSON.stringify(text.slice(0, 100));
  throw new Failure(`the status of the team has ${shown} as the name of a pod, which it is not`, {
    hint: 'Somebody other than the controller has written the status. Nobody else needs the right to patch agentteams/status.',
  });
}
