import type { GateDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { decide } from '../connection/api.ts';
import { dateAndTime } from '../parts/format.ts';
import { Badge, Section } from '../parts/parts.tsx';
import { Outcome, useRequest } from '../parts/request.tsx';
import { useSession } from '../session.ts';

export function Gates({
  team,
  gates,
}: {
  team: string;
  gates: readonly GateDetail[];
}): JSX.Element {
  return (
    <Section title="Gates">
      <ul class="gates">
        {gates.map((gate) => (
          <Gate key={gate.event} team={team} gate={gate} />
        ))}
      </ul>
    </Section>
  );
}

function Gate({ team, gate }: { team: string; gate: GateDetail }): JSX.Element {
  const { event, before, state, approvers, requiredApprovals, decisions } = gate;
  const { mayAct } = useSession();
  return (
    <li class={state === 'open' ? 'gate open' : 'gate'}>
      <div class="title">
        <h3>{event}</h3>
        <Badge value={state} />
      </div>
      <p class="muted">
        Before the step {before}.{approvers.length > 0 && ` Approvers: ${approvers.join(', ')}.`}
        {requiredApprovals > 1 && ` ${requiredApprovals} approvals are needed.`}
      </p>
      {decisions.map(({ by, decision, reason, at, via }) => (
        <p key={`${by} ${at} ${decision}`}>
          <strong>{by ?? via ?? 'somebody'}</strong>{' '}
          {decision === 'approve' ? 'approved' : 'rejected'}
          {at && <span class="muted"> on {dateAndTime(at)}</span>}
          {reason && <span class="quote">{reason}</span>}
        </p>
      ))}
      {mayAct && (state === 'open' || state === 'waiting') && decisions.length === 0 && (
        <Answer team={team} event={event} isOpen={state === 'open'} />
      )}
    </li>
  );
}

/** Fields to answer a gate. */
function Answer({
  team,
  event,
  isOpen,
}: {
  team: string;
  event: string;
  isOpen: boolean;
}): JSX.Element {
  const [reason, setReason] = useState('');
  const { isBusy, result, run } = useRequest();
  const id = useId();
  const answer = (decision: 'approve' | 'reject') =>
    run(
      () => decide(team, event, decision, reason),
      decision === 'approve' ? 'Approved.' : 'Rejected.',
    );
  if (result?.isError === false) return <Outcome result={result} />;
  const fields = (
    <div class="answer">
      <label for={id}>Reason (optional)</label>
      <textarea
        id={id}
        rows={2}
        maxLength={2000}
        value={reason}
        onInput={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <div class="buttons">
        <button class="approve" type="button" disabled={isBusy} onClick={() => answer('approve')}>
          Approve {event}
        </button>
        <button class="reject" type="button" disabled={isBusy} onClick={() => answer('reject')}>
          Reject {event}
        </button>
      </div>
      <Outcome result={result} />
    </div>
  );
  if (isOpen) return fields;
  return (
    <details>
      <summary>Answer in advance</summary>
      {fields}
    </details>
  );
}
