// The demo origin: an ordinary website, as a good host would serve it.
//
// Nothing here knows of Edgewise. That is the point: the edge stands in front of
// a site that was built without it.

import { fileURLToPath } from "node:url";
import compression from "compression";
import express from "express";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const site = here("./site/");
const host = process.env.HOST || "127.0.0.1";
const port = Number(process.env.PORT || 7677);

// Pages of other people, so that rewriting is tried on HTML that we did not write.
const landings = ["agency", "creative", "grayscale"];

const leave = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

if (!Number.isInteger(port) || port < 0 || port > 65535) {
  leave(`PORT is "${process.env.PORT}", not a port: give a whole number from 0 to 65535.`);
}

/** What may be kept without asking again, and which files are the same to the byte. */
const headers = (res, path, stat) => {
  const page = path.endsWith(".html");
  res.set("Cache-Control", page ? "public, max-age=0, must-revalidate" : "public, max-age=600");
  // Pictures and fonts are never compressed, so their bytes are always the same: a
  // strong ETag is true for them. Everything else keeps the weak one, because gzip
  // makes two bodies out of one file.
  if (/\.(png|jpe?g|webp|woff2?)$/i.test(path)) {
    res.set("ETag", `"${stat.mtime.getTime().toString(16)}-${stat.size.toString(16)}"`);
  }
};

const notFound = (_req, res) => {
  res.status(404).set("Cache-Control", "no-store").sendFile("404.html", { root: site });
};

const app = express();
app.disable("x-powered-by");
app.set("query parser", "simple");
app.use(compression());

app.get("/healthz", (_req, res) => {
  res.set("Cache-Control", "no-store").type("text").send("ok\n");
});

// Answered with a redirect, so that a reload of the next page sends nothing twice.
// What was typed is not read: an invented company keeps no addresses.
app.post("/thanks", (_req, res) => res.redirect(303, "/thanks"));

for (const name of landings) {
  const folder = here(`./node_modules/startbootstrap-${name}/dist/`);
  app.use(`/landing/${name}`, express.static(folder, { setHeaders: headers }));
}

// One address for each page: without extension, without a slash at the end.
app.get("/404", notFound);
app.get(/^\/(?!landing\/).*(\.html|[^/]\/)$/, (req, res) => {
  const path = req.path.replace(/(\/?index)?\.html$|\/$/, "");
  // The leading slashes are made one: "//elsewhere.example" would lead off the site.
  res.redirect(301, path.replace(/^\/*/, "/"));
});
app.use(express.static(site, { extensions: ["html"], redirect: false, setHeaders: headers }));
app.use(notFound);

app.use((error, req, res, _next) => {
  // A malformed address is the caller's mistake; only our own are worth a line.
  const status = error.status ?? 500;
  if (status >= 500) console.error(`${req.method} ${req.path}: ${error.message}`);
  res.status(status).set("Cache-Control", "no-store").type("text");
  res.send(status >= 500 ? "the demo origin failed\n" : "the request was not understood\n");
});

const server = app.listen(port, host, (error) => {
  if (error?.code === "EADDRINUSE") {
    leave(`port ${port} on ${host} is in use: stop the other program, or choose a free port, as in PORT=${port + 1} npm start.`);
  }
  if (error) leave(`the demo origin cannot listen on ${host}, port ${port} (${error.code}): choose an address of this machine with HOST.`);
  const { port: real } = server.address();
  console.log(`demo origin on http://${host.includes(":") ? `[${host}]` : host}:${real}`);
});
// Node's own five seconds are short for a server behind a proxy, which would now and
// then write to a connection that was just closed.
server.keepAliveTimeout = 65_000;

const stop = () => {
  server.close(() => process.exit(0));
  setTimeout(() => server.closeAllConnections(), 1000).unref();
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
