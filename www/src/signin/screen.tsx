import { Mark } from '../ui/icons.tsx';
import { useTitle } from '../ui/title.ts';
import { Art } from './art.tsx';
import { SignInForm } from './form.tsx';

export function SignIn() {
  useTitle('Sign in');
  return (
    <main class="signin">
      <section class="signin-brand">
        <p class="brand">
          <Mark />
          <span>Edgewise</span>
        </p>
        <p class="motto">
          Get a word in <em>edgewise</em>
        </p>
        <p class="signin-promise">
          One idea at a time, tried on real visitors, on the pages you already have.
        </p>
        <Art />
      </section>
      <section class="signin-sheet" aria-labelledby="signin-title">
        <h1 id="signin-title">Sign in</h1>
        <p class="site">{location.host}</p>
        <SignInForm />
      </section>
    </main>
  );
}
