import type { AgentDetail, AgentSpan, TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { clock, count, duration } from './format.ts';
import { Scroll, Section } from './parts.tsx';
import { useNow } from './use-live.ts';

const KINDS = ['attempt', 'turn', 'tool', 'wait'] as const satisfies AgentSpan['kind'][];

/** One row for each agent: its pods, turns, tool calls and waits. */
export function Timeline({ detail: { agents, summary } }: { detail: TeamDetail }): JSX.Element {
  const now = useNow();
  const end = summary.endedAt === undefined ? now : Date.parse(summary.endedAt);
  const starts = agents.flatMap(({ spans }) => spans.map(({ from }) => Date.parse(from)));
  const start = Math.min(end - 1, ...starts);
  return (
    <Section title="Timeline" empty={starts.length === 0 && 'No agent has started yet.'}>
      <ul class="legend">
        {KINDS.map((kind) => (
          <li key={kind}>
            <span class={`swatch ${kind}`} aria-hidden="true" />
            {kind}
          </li>
        ))}
      </ul>
      <Scroll label="Timeline of the agents">
        <div class="timeline">
          {agents.map((agent) => (
            <Row key={agent.name} agent={agent} start={start} end={end} />
          ))}
          <p class="axis muted">
            <span>{clock(new Date(start).toISOString())}</span>
            <span>{clock(new Date(end).toISOString())}</span>
          </p>
        </div>
      </Scroll>
    </Section>
  );
}

function Row({
  agent: { name, spans },
  start,
  end,
}: {
  agent: AgentDetail;
  start: number;
  end: number;
}): JSX.Element {
  const share = (at: number): number => ((at - start) / (end - start)) * 100;
  const of = (kind: AgentSpan['kind']): number => spans.filter((span) => span.kind === kind).length;
  const words = [
    count(of('attempt'), 'attempt'),
    count(of('turn'), 'turn'),
    count(of('tool'), 'tool call'),
    ...(of('wait') === 0 ? [] : [count(of('wait'), 'wait')]),
  ];
  return (
    <div class="row">
      <div class="row-name">
        <strong>{name}</strong>
        <span class="muted">{words.join(', ')}</span>
      </div>
      <div class="track" aria-hidden="true">
        {spans.map(({ kind, name: what, from, to }, index) => {
          const [left, right] = [Date.parse(from), to === undefined ? end : Date.parse(to)];
          const title = `${kind} ${what}, ${clock(from)}, ${duration(right - left)}`;
          return (
            <span
              key={`${kind} ${from} ${index}`}
              class={`span ${kind}`}
              title={title}
              style={{
                left: `${share(left)}%`,
                width: `${Math.max(0, share(right) - share(left))}%`,
              }}
            />
          );
        })}
      </div>
    </div>
  );
}
