import { render } from "preact";
import { App } from "./app";
import { feed, startKeepingUp } from "./data/catalogue";
import { startSeeing } from "./data/events";
import { startRouter } from "./router";

startRouter();
startSeeing(feed);
startKeepingUp();
const root = document.getElementById("app");
if (root) render(<App />, root);
