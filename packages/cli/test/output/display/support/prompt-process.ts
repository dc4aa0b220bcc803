import { openPrompt } from '../../../../src/attach/prompt.ts';

/** Shows a prompt, and prints what a person does at it until they leave. */
const prompt = openPrompt({ in: process.stdin, out: process.stdout });
prompt.listen((typed) => {
  prompt.print(typed.kind === 'line' ? `TYPED ${typed.text}` : `TYPED ${typed.kind}`);
});
