import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { logIn } from './connection/api.ts';

/** @param notice why the person sees this form; absent at the first visit. */
export function Login({
  notice,
  onDone,
}: {
  notice: string | undefined;
  onDone: () => void;
}): JSX.Element {
  const [token, setToken] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(notice);
  const id = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await logIn(token.trim());
      onDone();
    } catch (error) {
      setProblem((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <form class="card login" onSubmit={submit}>
      <h1>Log in</h1>
      <label for={id}>Token</label>
      <input
        id={id}
        type="password"
        autocomplete="off"
        spellcheck={false}
        required
        value={token}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget }) => setToken(currentTarget.value)}
      />
      <p class="muted" id={`${id}-hint`}>
        A token of the cluster. You see and do what its owner may. For a service account, run:{' '}
        <code>kubectl create token NAME -n NAMESPACE</code>
      </p>
      {problem && (
        <p class="alert" role="alert">
          {problem}
        </p>
      )}
      <button class="approve" type="submit" disabled={isBusy}>
        Log in
      </button>
    </form>
  );
}
