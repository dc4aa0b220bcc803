import type { QuestionDetail as Question } from '@agentteam/detail';
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { answer } from '../connection/api.ts';
import { dateAndTime } from '../parts/format.ts';
import { Badge, Section } from '../parts/parts.tsx';
import { Outcome, useRequest } from '../parts/request.tsx';
import { useSession } from '../session.ts';

/** The questions of agents to people, those that wait first. */
export function Questions({
  team,
  questions,
}: {
  team: string;
  questions: readonly Question[];
}): JSX.Element {
  const waiting = questions.filter(isOpen);
  const others = questions.filter((question) => !isOpen(question)).toReversed();
  return (
    <Section title="Questions">
      <ul class="gates">
        {[...waiting, ...others].map((question) => (
          <Item key={question.id} team={team} question={question} />
        ))}
      </ul>
    </Section>
  );
}

function isOpen({ answer: given, unanswered }: Question): boolean {
  return given === undefined && unanswered === undefined;
}

function Item({ team, question }: { team: string; question: Question }): JSX.Element {
  const { id, agent, kind, text, default: preset, askedAt, deadline, unanswered } = question;
  const given = question.answer;
  const open = isOpen(question);
  const { mayAct } = useSession();
  return (
    <li class={open ? 'gate open' : 'gate'}>
      <div class="title">
        <h3>{id}</h3>
        {open ? (
          <Badge value="needs an answer" tone="ask" />
        ) : (
          <Badge value={given ? 'answered' : 'unanswered'} />
        )}
      </div>
      <p class="muted">
        {agent} {kind === 'blocked' ? 'was blocked and asked what to do' : 'asked'} on{' '}
        {dateAndTime(askedAt)}. {open && `It waits until ${dateAndTime(deadline)}.`}
      </p>
      <blockquote class="quote" aria-label={`Words of ${agent}`}>
        {text}
      </blockquote>
      {preset && open && (
        <p class="muted">
          Without an answer it would do: <span class="quote">{preset}</span>
        </p>
      )}
      {given && (
        <p>
          <strong>{given.by}</strong> answered{' '}
          <span class="muted">
            on {dateAndTime(given.at)} through {given.via}
          </span>
          <span class="quote">{given.text}</span>
        </p>
      )}
      {unanswered && !given && <p>Nobody answered. {ENDS[unanswered.how]}</p>}
      {mayAct && open && <Answer team={team} question={question} />}
    </li>
  );
}

const ENDS = {
  default: 'The agent went on with its default.',
  continue: 'The agent went on and decided itself.',
  fail: 'The step of the agent failed.',
  ended: 'The agent ended before.',
} as const;

/** Fields to answer a question. */
function Answer({ team, question }: { team: string; question: Question }): JSX.Element {
  const { id, choices = [] } = question;
  const [text, setText] = useState('');
  const { isBusy, result, run } = useRequest();
  const field = useId();
  const send = (words: string) => run(() => answer(team, id, words), 'Answered.');
  if (result?.isError === false) return <Outcome result={result} />;
  return (
    <div class="answer">
      {choices.length > 0 && (
        <div class="buttons choices">
          {choices.map((choice) => (
            <button
              key={choice}
              type="button"
              disabled={isBusy}
              aria-label={`Answer ${id}: ${choice}`}
              onClick={() => send(choice)}
            >
              {choice}
            </button>
          ))}
        </div>
      )}
      <label for={field}>{choices.length > 0 ? 'Another answer' : 'Answer'}</label>
      <textarea
        id={field}
        rows={3}
        maxLength={4096}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <div class="buttons">
        <button
          class="approve"
          type="button"
          disabled={isBusy || text.trim() === ''}
          onClick={() => send(text)}
        >
          Answer {id}
        </button>
      </div>
      <Outcome result={result} />
    </div>
  );
}
