// An agent CLI of its own kind, for tests: it has other flags, another protocol and other tools than Claude
// Code. In place of a model it has one rule: wait for mail, then do what is left and report.
//
// Usage: line-agent.mjs --session FILE --instructions TEXT
//
// Each line of its input and output is JSON.
// In:  {"message": {"uuid", "text"}}   {"answer": {"id", "text", "isError"}}
// Out: {"read": uuid}   {"says": text}   {"call": {"id", "tool", "input"}}   {"done": text}
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { session, instructions } = parseArgs({
  options: { session: { type: 'string' }, instructions: { type: 'string' } },
}).values;

const messages = existsSync(session)
  ? readFileSync(session, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
const answers = new Map();

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function call(tool, input) {
  const id = `call-${answers.size + 1}`;
  print({ call: { id, tool, input } });
  return new Promise((resolve) => answers.set(id, resolve));
}

async function read(message) {
  appendFileSync(session, `${JSON.stringify(message)}\n`);
  messages.push(message);
  print({ read: message.uuid });
  const mail = /\[mail from \w+\] .*/.exec(message.text)?.[0];
  if (mail === undefined) {
    print({ says: `I wait for mail. ${/Teammates see only .*?\./.exec(instructions)?.[0]}` });
    return;
  }
  const [, task] = /Your tasks: #(\d+)/.exec(messages[0].text);
  await call('complete_task', { task });
  await call('send_mail', { to: 'team-lead', text: 'I am done.' });
  const summary = `Read ${messages.length} messages. ${mail}`;
  const { text } = await call('report', { outcome: 'completed', summary });
  print({ done: text });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { message, answer } = JSON.parse(line);
  if (message !== undefined) void read(message);
  if (answer !== undefined) answers.get(answer.id)(answer);
});
