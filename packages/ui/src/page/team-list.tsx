import type { TeamRow, TeamRows } from '@agentteam/ui';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useLive, useNow } from './connection/use-live.ts';
import { count, duration } from './parts/format.ts';
import { Badge, Cost, Meter } from './parts/parts.tsx';
import { useSession } from './session.ts';

const FILTERS = {
  all: () => true,
  running: ({ endedAt }: TeamRow) => endedAt === undefined,
  'needs approval': ({ openGates }: TeamRow) => openGates.length > 0,
  'needs an answer': ({ openQuestions }: TeamRow) => openQuestions.length > 0,
  ended: ({ endedAt }: TeamRow) => endedAt !== undefined,
} as const satisfies Record<string, (row: TeamRow) => boolean>;
type Filter = keyof typeof FILTERS;

export function TeamList(): JSX.Element {
  const { hasNamespaces } = useSession();
  const [namespace, setNamespace] = useState('');
  const of = /^[a-z0-9-]+$/.test(namespace) ? `?namespace=${namespace}` : '';
  const { state, problem } = useLive<TeamRows>(`/api/events${of}`);
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const now = useNow();
  const teams = state?.teams ?? [];
  const namespaces = useKnown(teams.map((team) => team.namespace));
  const shown = teams
    .filter(FILTERS[filter])
    .filter((row) => textOf(row).includes(search.trim().toLowerCase()));
  return (
    <>
      <div class="title">
        <h1>Teams</h1>
        {state && <p class="muted place">{state.place}</p>}
      </div>
      <div class="filters">
        <label>
          <span class="hidden">Search teams</span>
          <input
            type="search"
            placeholder="Search teams"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        {hasNamespaces && (
          <label>
            <span class="hidden">Namespace</span>
            <input
              type="text"
              placeholder="Namespace"
              list="namespaces"
              maxLength={63}
              autocapitalize="off"
              spellcheck={false}
              onChange={({ currentTarget }) => setNamespace(currentTarget.value.trim())}
            />
            <datalist id="namespaces">
              {namespaces.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </label>
        )}
        <fieldset class="choices">
          <legend class="hidden">Show</legend>
          {(Object.keys(FILTERS) as Filter[]).map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={filter === name}
              onClick={() => setFilter(name)}
            >
              {name} <span class="count">{teams.filter(FILTERS[name]).length}</span>
            </button>
          ))}
        </fieldset>
      </div>
      {problem && (
        <p class="alert" role="alert">
          {problem}
        </p>
      )}
      {state?.notices.map((notice) => (
        <p class="alert" key={notice}>
          {notice}
        </p>
      ))}
      <p class="hidden" role="status">
        {state ? `${count(shown.length, 'team')} shown` : 'Loading'}
      </p>
      {state && shown.length === 0 && (teams.length > 0 || state.notices.length === 0) && (
        <p class="empty">
          {teams.length === 0
            ? `There are no teams here yet. To start one, run: ${state.startCommand}`
            : 'No team matches.'}
        </p>
      )}
      <ul class="teams">
        {shown.map((row) => (
          <Row key={row.key} row={row} now={now} />
        ))}
      </ul>
    </>
  );
}

/** Remembers names that were shown once, because the list may be limited to one of them later. */
function useKnown(names: readonly string[]): readonly string[] {
  const known = useRef(new Set<string>());
  for (const name of names) known.current.add(name);
  return [...known.current].toSorted();
}

function Row({ row, now }: { row: TeamRow; now: number }): JSX.Element {
  const { key, name, namespace, phase, message, progress, usd, limit, createdAt } = row;
  const { openGates, openQuestions } = row;
  const { hasNamespaces } = useSession();
  return (
    <li class="card team">
      <div class="team-name">
        <a href={`#/team/${key}`}>{name}</a>
        {hasNamespaces && <span class="muted">{namespace}</span>}
        <Badge value={phase} />
        {openQuestions.length > 0 && (
          <Badge value={count(openQuestions.length, 'open question')} tone="ask" />
        )}
        {openGates.length > 0 && <Badge value={count(openGates.length, 'open gate')} tone="ask" />}
        {row.interrupted && <Badge value="interrupted" tone="bad" />}
        {row.rehearsal && <Badge value="rehearsal" />}
      </div>
      <Meter
        value={progress.done}
        most={progress.total}
        label={`${progress.done} of ${count(progress.total, 'step')}`}
      />
      <Cost usd={usd} limit={limit} />
      <span class="muted age">{duration(now - Date.parse(createdAt))} old</span>
      {message && <p class="muted team-message">{message}</p>}
    </li>
  );
}

function textOf({ name, namespace, phase, message = '' }: TeamRow): string {
  return `${name} ${namespace} ${phase} ${message}`.toLowerCase();
}
