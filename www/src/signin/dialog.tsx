import { useEffect, useRef } from 'preact/hooks';
import { signOut } from '../session.ts';
import { SignInForm } from './form.tsx';

/** Over the work, which stays as it is underneath. */
export function SignInDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="signin-sheet"
      aria-labelledby="signin-again"
      // Escape would leave a page that can do nothing. Browsers let the second one through.
      onCancel={(event) => event.preventDefault()}
      onClose={() => dialog.current?.showModal()}
    >
      <h2 id="signin-again">Sign in again</h2>
      <p>What you see stays as it is. Edgewise needs the access token to go on.</p>
      <SignInForm />
      <button type="button" class="button quiet" onClick={signOut}>
        Sign out instead
      </button>
    </dialog>
  );
}
