import { ARGO_MESSAGES } from '@agentteam/argo';
import { rootOf } from './container.ts';
import { terminationMessage } from './outputs.ts';

/** How a container ended. */
export interface ContainerEnd {
  readonly name: string;
  readonly code: number;
}

export const SIGTERM_CODE = 143;

/** Exit codes that Argo accepts from a container other than main (inferFailedReason in operator.go). */
const ACCEPTED_CODES = [0, 137, SIGTERM_CODE];

export function isFault({ code }: ContainerEnd): boolean {
  return !ACCEPTED_CODES.includes(code);
}

/** The message of a pod that failed with this container. */
export function failureMessage(podDirectory: string, { name, code }: ContainerEnd): string {
  return ARGO_MESSAGES.exit(name, code, terminationMessage(rootOf(podDirectory, name)));
}
