// The application of React and of both Preacts: "hooks" is the framework's own module.

import { useEffect, useState } from 'hooks';
import { sayHydrated } from '../browser.mjs';

export function App({ data, card: Card = ProductCard }) {
  const [path, setPath] = useState(data.path);
  const [yearly, setYearly] = useState(false);
  useEffect(sayHydrated, []);
  const go = (event) => {
    event.preventDefault();
    history.pushState(null, '', event.currentTarget.href);
    setPath(event.currentTarget.pathname);
  };
  return (
    <>
      <header className="top">
        <nav className="menu">
          <a className="home" href="/" onClick={go}>
            Home
          </a>
          <a className="about" href="/about" onClick={go}>
            About
          </a>
        </nav>
      </header>
      {path === '/about' ? (
        <main key="about" className="page">
          <h1 className="headline">About us</h1>
          <a className="cta" href="/jobs">
            Work here
          </a>
        </main>
      ) : (
        <main key="home" className="page">
          <h1 className="headline">{data.headline}</h1>
          <p className="intro" style={{ color: 'rgb(0, 0, 255)' }}>
            Hello {data.visitor}, welcome back.
          </p>
          <a
            className={yearly ? 'cta yearly' : 'cta'}
            href={yearly ? '/signup?plan=year' : '/signup'}
          >
            {yearly ? `${data.cta} for a year` : data.cta}
          </a>
          <Counter />
          <button type="button" className="toggle" onClick={() => setYearly(!yearly)}>
            Change the plan
          </button>
          <ul className="features">
            {(yearly ? data.features.toReversed() : data.features).map(({ id, text }) => (
              <li key={id} className={id}>
                {text}
              </li>
            ))}
          </ul>
          <img className="hero" src={data.image} alt="A rocket" width="40" height="40" />
          <Card key={String(yearly)} product={data.product} yearly={yearly} />
          <div className="body" dangerouslySetInnerHTML={{ __html: data.body }} />
          <SignUp />
        </main>
      )}
      <footer className="end">
        <p className="legal">All rights reserved</p>
      </footer>
    </>
  );
}

function Counter() {
  const [clicks, setClicks] = useState(0);
  return (
    <button type="button" className="counter" onClick={() => setClicks(clicks + 1)}>
      Clicked {clicks} times
    </button>
  );
}

export function ProductCard({ product, yearly }) {
  return (
    <article className="card">
      <h2 className="name">{product.name}</h2>
      <p className="price">${yearly ? product.yearly : product.monthly}</p>
      <table>
        <tbody>
          <tr>
            <td className="seats">{product.name} seats</td>
          </tr>
        </tbody>
      </table>
      <button type="button" className="buy">
        Buy {product.name}
      </button>
    </article>
  );
}

function SignUp() {
  const [email, setEmail] = useState('');
  return (
    <form className="sign-up">
      <label className="label" htmlFor="email">
        Your address
      </label>
      <input id="email" value={email} onInput={(event) => setEmail(event.currentTarget.value)} />
      <output className="echo">{email}</output>
    </form>
  );
}
