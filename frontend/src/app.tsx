// The frame around every page.
import { Announcements } from "./announce";
import { Connection } from "./parts/connection";
import { LivePage } from "./pages/live";
import { NowherePage } from "./pages/nowhere";
import { ServicePage } from "./pages/service";
import { ServicesPage } from "./pages/services";
import { SystemPage } from "./pages/system";
import { UsersPage } from "./pages/users";
import { Link, hrefOf, useRoute, type Route } from "./router";

const PAGES = [
  { page: "services", title: "Services" },
  { page: "users", title: "Users" },
  { page: "live", title: "Live" },
  { page: "system", title: "System" },
] as const;

export function App() {
  const route = useRoute();
  const section = route.page === "service" ? "services" : route.page;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <div class="bar">
          <Link href={hrefOf({ page: "services" })} class="brand">
            <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
              <path d="M12 1.8l3.1 6.6 7.1.9-5.2 5 1.3 7.2L12 18l-6.3 3.5L7 14.3l-5.2-5 7.1-.9z" />
            </svg>
            Ratings
          </Link>
          <nav aria-label="Pages">
            {PAGES.map(({ page, title }) => (
              <Link key={page} href={hrefOf({ page })} current={page === section}>
                {title}
              </Link>
            ))}
          </nav>
          <Connection />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Page route={route} />
      </main>
      <Announcements />
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "services":
      return <ServicesPage />;
    case "service":
      return <ServicePage key={route.id} id={route.id} />;
    case "users":
      return <UsersPage />;
    case "live":
      return <LivePage />;
    case "system":
      return <SystemPage />;
    case "nowhere":
      return <NowherePage />;
  }
}
