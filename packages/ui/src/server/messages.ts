import { visible } from '@agentteam/text';

export function messageOf(error: unknown): string {
  return visible(error instanceof Error ? error.message : String(error));
}
