import type { TeamDetail } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useLive, useNow } from './connection/use-live.ts';
import { Costs } from './costs/costs.tsx';
import { Overview } from './overview/overview.tsx';
import { duration } from './parts/format.ts';
import { Badge, Cost, Meter } from './parts/parts.tsx';
import { Results } from './results/results.tsx';
import { useSession } from './session.ts';
import { Steering } from './steering/steering.tsx';
import { Tell } from './steering/tell.tsx';
import { Transcript } from './transcript/transcript.tsx';
import { Events } from './views/events.tsx';
import { Files } from './views/files.tsx';
import { Mail } from './views/mail.tsx';
import { Tasks } from './views/tasks.tsx';
import { Timeline } from './views/timeline.tsx';

const VIEWS: Readonly<
  Record<string, { readonly title: string; readonly show: (detail: TeamDetail) => JSX.Element }>
> = {
  overview: { title: 'Overview', show: (detail) => <Overview detail={detail} /> },
  timeline: { title: 'Timeline', show: (detail) => <Timeline detail={detail} /> },
  tasks: { title: 'Tasks', show: (detail) => <Tasks detail={detail} /> },
  mail: { title: 'Mail', show: (detail) => <Mail detail={detail} /> },
  costs: { title: 'Costs', show: (detail) => <Costs detail={detail} /> },
  results: { title: 'Results', show: (detail) => <Results detail={detail} /> },
  events: { title: 'Events', show: (detail) => <Events detail={detail} /> },
};

export function TeamPage({
  team,
  view,
  agent,
}: {
  team: string;
  view: string;
  agent: string;
}): JSX.Element {
  const { mayAct } = useSession();
  const { state, problem } = useLive<TeamDetail>(`/api/events?team=${encodeURIComponent(team)}`);
  const alert = problem && (
    <p class="alert" role="alert">
      {problem}
    </p>
  );
  if (state === undefined) {
    return (
      <>
        <h1>{team}</h1>
        {alert ?? <p role="status">Loading</p>}
      </>
    );
  }
  const shown = Object.hasOwn(VIEWS, view) || view === 'transcript' ? view : 'overview';
  const isRunning = state.summary.endedAt === undefined;
  const receivers = state.agents.filter(
    ({ name }) => view === 'mail' || (view === 'transcript' && name === agent),
  );
  // The views make addresses of the name, so that they get the key of the team in its place.
  const detail = { ...state, summary: { ...state.summary, name: team } };
  return (
    <>
      <Head detail={state} />
      {mayAct && <Steering summary={detail.summary} />}
      {alert}
      <nav class="views" aria-label="Views of the team">
        {Object.entries(VIEWS).map(([name, { title }]) => (
          <a
            key={name}
            href={`#/team/${team}/${name}`}
            aria-current={name === shown ? 'page' : undefined}
            ref={name === shown ? intoView : null}
          >
            {title}
          </a>
        ))}
      </nav>
      {state.files && <Files team={team} name={state.summary.name} files={state.files} />}
      {mayAct && isRunning && receivers.length > 0 && (
        <Tell key={`${view} ${agent}`} team={team} agents={receivers} first={agent} />
      )}
      {shown === 'transcript' ? (
        <Transcript
          // A complete transcript is read from its beginning.
          key={`${agent} ${state.files?.complete ?? false}`}
          team={team}
          agent={agent}
          isOver={state.summary.endedAt !== undefined}
        />
      ) : (
        VIEWS[shown]?.show(detail)
      )}
    </>
  );
}

/** Shows the link of the current view, where not all of them fit the width of the page. */
function intoView(link: HTMLAnchorElement | null): void {
  link?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function Head({ detail: { summary } }: { detail: TeamDetail }): JSX.Element {
  const now = useNow();
  const { hasNamespaces } = useSession();
  const { name, namespace, phase, message, progress, usd, limit, startedAt, endedAt } = summary;
  const end = endedAt === undefined ? now : Date.parse(endedAt);
  return (
    <div class="head">
      <div class="title">
        <h1>{name}</h1>
        {hasNamespaces && <span class="muted">{namespace}</span>}
        <Badge value={phase} />
        {summary.interrupted && <Badge value="interrupted" tone="bad" />}
        {summary.paused && <Badge value="paused" tone="ask" />}
        {summary.rehearsal && <Badge value="rehearsal" />}
      </div>
      {message && <p class="muted">{message}</p>}
      <div class="figures">
        <Meter
          value={progress.done}
          most={progress.total}
          label={`${progress.done} of ${progress.total} steps`}
        />
        <Cost usd={usd} limit={limit} />
        {startedAt && (
          <span class="muted">
            {endedAt === undefined ? 'running for' : 'took'} {duration(end - Date.parse(startedAt))}
          </span>
        )}
      </div>
    </div>
  );
}
