import type { TranscriptEntry } from '@agentteam/detail';
import { Component, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../parts/format.ts';
import { Markdown } from '../parts/markdown.tsx';
import { Badge, Scroll, Time } from '../parts/parts.tsx';
import { Patch } from '../parts/patch.tsx';
import { inputOf, subjectOf, type TranscriptItem, toolName } from './transcript-items.ts';

const TITLES = {
  text: 'agent',
  thinking: 'thinking',
  'tool-use': 'tool',
  'tool-result': 'result',
  mail: 'mail',
  person: 'person',
  system: 'runner',
} as const satisfies Record<TranscriptEntry['kind'], string>;

const LONGEST_LINE = 160;

interface ItemProps {
  readonly item: TranscriptItem;
  /** Whether its details are shown; the list forgets items that are far from the window. */
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

/** An entry of a transcript. While the page scrolls, it is drawn again only if it has changed. */
export class Item extends Component<ItemProps> {
  override shouldComponentUpdate({ item, isOpen }: ItemProps): boolean {
    const known = this.props.item;
    return (
      item.entry !== known.entry || item.result !== known.result || isOpen !== this.props.isOpen
    );
  }

  override render({ item: { entry, result }, isOpen, onToggle }: ItemProps): JSX.Element {
    const { at, kind, text, isError, from } = entry;
    const state = isError || result?.isError ? ' error' : '';
    return (
      <div class={`entry ${kind}${state}`}>
        <span class="muted entry-time">
          <Time at={at} />
        </span>
        {FOLDED.has(kind) ? (
          <details open={isOpen} onToggle={({ currentTarget }) => onToggle(currentTarget.open)}>
            <summary>
              <Summary entry={entry} result={result} />
            </summary>
            {isOpen && <Content entry={entry} result={result} />}
          </details>
        ) : (
          <div>
            <span class="kind">{TITLES[kind]}</span>
            {from !== undefined && <strong> from {from}</strong>}
            <Markdown text={text} />
          </div>
        )}
      </div>
    );
  }
}

/** Kinds that are read rarely, and are often long. */
const FOLDED: ReadonlySet<TranscriptEntry['kind']> = new Set([
  'thinking',
  'tool-use',
  'tool-result',
  'system',
]);

interface Call {
  readonly entry: TranscriptEntry;
  readonly result?: TranscriptEntry | undefined;
}

function Summary({ entry: { kind, text, tool, isError }, result }: Call): JSX.Element {
  const [line = ''] = kind === 'tool-use' ? [subjectOf(inputOf(text))] : text.trim().split('\n', 1);
  return (
    <>
      <span class="kind">{isError ? 'error' : TITLES[kind]}</span>{' '}
      {tool && <strong>{toolName(tool)} </strong>}
      <span class="first-line">{line.slice(0, LONGEST_LINE)}</span>
      {kind === 'tool-use' && result === undefined && <Badge value="no result yet" tone="quiet" />}
      {result?.isError && <Badge value="error" tone="bad" />}
    </>
  );
}

function Content({ entry: { kind, text }, result }: Call): JSX.Element {
  if (kind === 'thinking') return <Markdown text={text} />;
  if (kind !== 'tool-use') return <Output text={text} label="Text" />;
  const patch = result?.patch;
  return (
    <>
      {patch === undefined ? <Input json={text} /> : <Patch patch={patch} label="the file" />}
      {result !== undefined && result.text !== '' && <Output text={result.text} label="Result" />}
    </>
  );
}

/** The input of a tool. The fields that people write as text have their lines. */
function Input({ json }: { json: string }): JSX.Element {
  const input = inputOf(json);
  if (typeof input !== 'object' || input === null) return <Output text={json} label="Input" />;
  const subject = subjectOf(input);
  // The line above has it.
  const rest = Object.entries(input).filter(([, value]) => value !== subject);
  return (
    <dl class="input">
      {rest.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Output
              text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
              label={name}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}

const FIRST_LINES = 40;
const FIRST_CHARACTERS = 8000;

/** A text of a tool, of which the beginning is shown first. */
function Output({ text, label }: { text: string; label: string }): JSX.Element {
  const [isComplete, setComplete] = useState(false);
  const first = text.split('\n', FIRST_LINES).join('\n').slice(0, FIRST_CHARACTERS);
  const isCut = first.length < text.length;
  return (
    <>
      <Scroll label={label}>
        <pre class="wrapped">{isComplete ? text : first}</pre>
      </Scroll>
      {isCut && !isComplete && (
        <button type="button" onClick={() => setComplete(true)}>
          Show all {count(text.split('\n').length, 'line')}
        </button>
      )}
    </>
  );
}
