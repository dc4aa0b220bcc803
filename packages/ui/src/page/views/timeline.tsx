import type { AgentDetail, AgentSpan, TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useNow } from '../connection/use-live.ts';
import { clock, count, duration } from '../parts/format.ts';
import { Scroll, Section, Time } from '../parts/parts.tsx';
import { toolName } from '../transcript/transcript-items.ts';

/** Where a kind of span is drawn in a row of 30 units. */
const KINDS = {
  attempt: { y: 0, height: 30, title: 'attempt' },
  turn: { y: 5, height: 12, title: 'turn' },
  tool: { y: 19, height: 7, title: 'tool call' },
  wait: { y: 5, height: 12, title: 'wait' },
} as const satisfies Record<AgentSpan['kind'], object>;
type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Kind[];

/** One row for each agent: its pods, turns, tool calls and waits. */
export function Timeline({ detail: { agents, summary } }: { detail: TeamDetail }): JSX.Element {
  const now = useNow();
  const end = summary.endedAt === undefined ? now : Date.parse(summary.endedAt);
  const start = useMemo(
    () => Math.min(...agents.flatMap(({ spans }) => spans.map(({ from }) => Date.parse(from)))),
    [agents],
  );
  const isEmpty = !Number.isFinite(start);
  return (
    <Section title="Timeline" empty={isEmpty && 'No agent has started yet.'}>
      <ul class="legend">
        {NAMES.map((kind) => (
          <li key={kind}>
            <span class={`swatch ${kind}`} aria-hidden="true" />
            {KINDS[kind].title}
          </li>
        ))}
      </ul>
      <Scroll label="Timeline of the agents">
        <div class="timeline">
          {agents.map((agent) => (
            <Row key={agent.name} agent={agent} start={start} end={Math.max(end, start + 1)} />
          ))}
          {!isEmpty && (
            <p class="axis muted">
              <span>{clock(new Date(start).toISOString())}</span>
              <span>{clock(new Date(end).toISOString())}</span>
            </p>
          )}
        </div>
      </Scroll>
    </Section>
  );
}

function Row({
  agent,
  start,
  end,
}: {
  agent: AgentDetail;
  start: number;
  end: number;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { name, spans, restarts } = agent;
  const words = useMemo(() => {
    const of = (kind: Kind): number => spans.filter((span) => span.kind === kind).length;
    return [
      restarts > 0 && count(restarts, 'restart'),
      count(of('turn'), 'turn'),
      count(of('tool'), 'tool call'),
      of('wait') > 0 && count(of('wait'), 'wait'),
    ].filter(Boolean);
  }, [spans, restarts]);
  // Spans that go on end with the drawing, so only the drawing's end changes while time passes. (Elements that
  // are kept instead of texts would keep the whole tree that they were once part of.)
  const bars = useMemo(() => NAMES.map((kind) => barsOf(kind, spans, start)), [spans, start]);
  return (
    <div class="row">
      <div class="row-name">
        <strong>{name}</strong>
        <span class="muted">{words.join(', ')}</span>
      </div>
      <svg
        class="track"
        viewBox={`0 0 ${end - start} 30`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {NAMES.map((kind, index) => (
          <path key={kind} class={kind} d={bars[index]} shape-rendering="crispEdges" />
        ))}
      </svg>
      {spans.length > 0 && (
        <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>What {name} did</summary>
          {isOpen && <Spans spans={spans} end={end} />}
        </details>
      )}
    </div>
  );
}

/** Draws all bars of a kind as one path, in milliseconds from the start. */
function barsOf(kind: Kind, spans: readonly AgentSpan[], start: number): string {
  const { y, height } = KINDS[kind];
  return spans
    .filter((span) => span.kind === kind)
    .map(({ from, to }) => {
      const left = Date.parse(from) - start;
      const width = to === undefined ? FAR : Math.max(1, Date.parse(to) - start - left);
      return `M${left},${y}h${width}v${height}h${-width}z`;
    })
    .join('');
}

/** Milliseconds; behind the end of every drawing. */
const FAR = 1e10;

function titleOf(kind: Kind, name: string): string {
  if (kind === 'tool') return `${KINDS.tool.title}: ${toolName(name)}`;
  return kind === 'wait' ? `${KINDS.wait.title}: ${name}` : name;
}

function Spans({ spans, end }: { spans: readonly AgentSpan[]; end: number }): JSX.Element {
  return (
    <table class="plain-table">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">What</th>
          <th scope="col">Took</th>
        </tr>
      </thead>
      <tbody>
        {spans.map(({ kind, name, from, to }, index) => (
          <tr key={`${kind} ${from} ${index}`}>
            <td>
              <Time at={from} />
            </td>
            <td>{titleOf(kind, name)}</td>
            <td>{duration((to === undefined ? end : Date.parse(to)) - Date.parse(from))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
