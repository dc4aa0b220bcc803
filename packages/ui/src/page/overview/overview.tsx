import type { AgentDetail, TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { Activity } from '../parts/activity.tsx';
import { count, dollarsTogether } from '../parts/format.ts';
import { Markdown } from '../parts/markdown.tsx';
import { Badge, Cost, Section } from '../parts/parts.tsx';
import { useSession } from '../session.ts';
import { Gates } from './gates.tsx';
import { Graph } from './graph.tsx';
import { Questions } from './questions.tsx';

/** What a person wants to know first: what is asked of them, what was achieved, where the team is. */
export function Overview({ detail }: { detail: TeamDetail }): JSX.Element {
  const { summary, gates, questions, steps, agents, notices } = detail;
  const spent = dollarsTogether(agents.map(({ usd }) => usd));
  return (
    <>
      {questions.length > 0 && <Questions team={summary.name} questions={questions} />}
      {gates.length > 0 && <Gates team={summary.name} gates={gates} />}
      {summary.outcome && (
        <Section title="Outcome">
          <Markdown text={summary.outcome} />
        </Section>
      )}
      {notices.length > 0 && (
        <Section title="Notices">
          <ul class="plain">
            {notices.map(({ agent, message }) => (
              <li key={`${agent} ${message}`}>
                {agent && <strong>{agent}: </strong>}
                {message}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Graph steps={steps} />
      <Section title="Agents">
        <ul class="agents">
          {agents.map((agent, index) => (
            <Agent key={agent.name} team={summary.name} agent={agent} spent={spent[index]} />
          ))}
        </ul>
      </Section>
    </>
  );
}

function Agent({
  team,
  agent,
  spent,
}: {
  team: string;
  agent: AgentDetail;
  spent: string | undefined;
}): JSX.Element {
  const { name, role, model, state, activity, turns, restarts, outcome, report, message } = agent;
  const { mayAct } = useSession();
  const facts = [
    turns > 0 && count(turns, 'turn'),
    agent.tasks.total > 0 && `${agent.tasks.completed} of ${count(agent.tasks.total, 'task')}`,
    agent.messagesSent > 0 && `${count(agent.messagesSent, 'message')} sent`,
    restarts > 0 && count(restarts, 'restart'),
  ].filter(Boolean);
  return (
    <li>
      <div class="title">
        <h3>{name}</h3>
        <Badge value={state} />
        {outcome && outcome !== 'completed' && <Badge value={outcome} tone="bad" />}
        <span class="muted">
          {[role === 'lead' && role !== name ? 'lead' : '', model].filter(Boolean).join(', ')}
        </span>
      </div>
      {activity && <Activity activity={activity} />}
      <div class="figures">
        <Cost usd={agent.usd} limit={agent.limit} text={spent} />
        <span class="muted">{facts.join(' · ')}</span>
        {agent.transcript && (
          <a href={`#/team/${team}/transcript/${name}`} aria-label={`Transcript of ${name}`}>
            Transcript
          </a>
        )}
        {mayAct && state === 'running' && (
          <a href={`#/team/${team}/mail/${name}`} aria-label={`Speak to ${name}`}>
            Speak
          </a>
        )}
      </div>
      {message && <p class="muted">{message}</p>}
      {report && (
        <details>
          <summary>Report</summary>
          <Markdown text={report} />
        </details>
      )}
    </li>
  );
}
