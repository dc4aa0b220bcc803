import type { TranscriptEntry } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { readTranscriptPage } from './api.ts';
import { count } from './format.ts';
import { Section, Time } from './parts.tsx';

/** Milliseconds between two requests for what an agent has written since. */
const INTERVAL_MS = 2000;

/** An agent's conversation, in pages, followed while the team runs. */
export function Transcript({
  team,
  agent,
  isOver,
}: {
  team: string;
  agent: string;
  isOver: boolean;
}): JSX.Element {
  const [entries, setEntries] = useState<readonly TranscriptEntry[]>([]);
  const [more, setMore] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [round, setRound] = useState(0);
  const next = useRef('');
  useEffect(() => {
    const stop = new AbortController();
    readTranscriptPage(team, agent, next.current, stop.signal).then(
      (page) => {
        next.current = page.next;
        setEntries((known) => (page.entries.length === 0 ? known : [...known, ...page.entries]));
        setMore(page.more);
        setProblem(undefined);
      },
      (error: Error) => {
        if (!stop.signal.aborted) setProblem(error.message);
      },
    );
    return () => stop.abort();
  }, [team, agent, round, isOver]);
  useEffect(() => {
    if (more || isOver) return undefined;
    const timer = setInterval(() => setRound((last) => last + 1), INTERVAL_MS);
    return () => clearInterval(timer);
  }, [more, isOver]);
  return (
    <Section title={`Transcript of ${agent}`}>
      {problem && (
        <p class="alert" role="alert">
          {problem}
        </p>
      )}
      <p class="muted" role="status">
        {count(entries.length, 'entry', 'entries')}
        {more ? ', and there are more' : isOver ? '' : ', following'}
      </p>
      <ol class="transcript">
        {entries.map((entry, index) => (
          <Entry key={index} entry={entry} />
        ))}
      </ol>
      {more && (
        <button type="button" onClick={() => setRound((last) => last + 1)}>
          Show more
        </button>
      )}
    </Section>
  );
}

const TITLES = {
  text: 'agent',
  thinking: 'thinking',
  'tool-use': 'tool',
  'tool-result': 'result',
  mail: 'mail',
  system: 'runner',
} as const satisfies Record<TranscriptEntry['kind'], string>;

/** Kinds that are read rarely, and are often long. */
const COLLAPSED: ReadonlySet<TranscriptEntry['kind']> = new Set([
  'thinking',
  'tool-use',
  'tool-result',
  'system',
]);
const LONGEST_TITLE = 120;

function Entry({
  entry: { at, kind, text, tool, isError },
}: {
  entry: TranscriptEntry;
}): JSX.Element {
  const head = (
    <>
      <span class="kind">{isError ? 'error' : TITLES[kind]}</span>{' '}
      {tool && <strong>{tool} </strong>}
    </>
  );
  const [line = ''] = text.trim().split('\n', 1);
  return (
    <li class={`entry ${kind}${isError ? ' error' : ''}`}>
      <span class="muted entry-time">
        <Time at={at} />
      </span>
      {COLLAPSED.has(kind) && text !== '' ? (
        <details>
          <summary>
            {head}
            <span class="first-line">{line.slice(0, LONGEST_TITLE)}</span>
          </summary>
          <pre class="wrapped">{kind === 'tool-use' ? indented(text) : text}</pre>
        </details>
      ) : (
        <div>
          {head}
          <p class="prose">{text}</p>
        </div>
      )}
    </li>
  );
}

/** Formats the input of a tool, which may be cut. */
function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
