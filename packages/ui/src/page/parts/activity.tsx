import type { AgentDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { Since } from './since.tsx';

type AgentActivity = NonNullable<AgentDetail['activity']>;

/** What an agent is doing now. */
export function Activity({ activity }: { activity: AgentActivity }): JSX.Element {
  const { kind, text, since } = activity;
  return (
    <p class="activity">
      {ACTIVITIES[kind]}
      {kind === 'idle' && text !== '' && ', with'} {text}
      {kind === 'interrupted' && ', waiting for a message'}{' '}
      <span class="muted">
        for <Since at={since} />
      </span>
    </p>
  );
}

const ACTIVITIES = {
  tool: 'Using',
  thinking: 'Thinking',
  'waiting-provider': 'Waiting for the provider',
  'waiting-mail': 'Waiting for mail',
  'waiting-answer': 'Waiting for an answer to',
  interrupted: 'Interrupted by',
  idle: 'Idle',
} as const satisfies Record<AgentActivity['kind'], string>;
