import type { SummaryDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type Action, act } from '../connection/api.ts';
import { Outcome, useRequest } from '../parts/request.tsx';

/** Buttons to pause, resume and stop a team that has not ended; the way out if no process is running it. */
export function Steering({ summary }: { summary: SummaryDetail }): JSX.Element | null {
  const { name, paused, endedAt, interrupted } = summary;
  const { isBusy, result, run } = useRequest();
  const [isAsking, setAsking] = useState(false);
  if (endedAt !== undefined) return null;
  if (interrupted) {
    return (
      <p class="muted">
        No process is running the team. To continue it, run: <code>agentteam resume {name}</code>
      </p>
    );
  }
  const button = (action: Action, title: string, done: string): JSX.Element => (
    <button
      type="button"
      class={action === 'stop' ? 'reject' : undefined}
      disabled={isBusy}
      onClick={() => {
        setAsking(false);
        void run(() => act(name, action), done);
      }}
    >
      {title}
    </button>
  );
  return (
    <div class="steering">
      <div class="buttons">
        {paused
          ? button('resume', 'Resume', 'The team continues.')
          : button('pause', 'Pause', 'The agents stop at their next request.')}
        {isAsking ? (
          <>
            {button('stop', 'Stop for good', 'The team is stopping.')}
            <button type="button" onClick={() => setAsking(false)}>
              Keep it running
            </button>
          </>
        ) : (
          <button type="button" disabled={isBusy} onClick={() => setAsking(true)}>
            Stop …
          </button>
        )}
      </div>
      <Outcome result={result} />
    </div>
  );
}
