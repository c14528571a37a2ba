//! What the API has, in one table: the tests and the `OpenAPI` document are held against it.

use super::Role;

/// One entry of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// Below `/_edgewise/api/v1`; what stands in braces is any one segment.
    pub(crate) path: &'static str,
    /// The least role that may; none if anybody may.
    pub(crate) role: Option<Role>,
    /// Whether a session has to be young.
    pub(crate) fresh: bool,
    /// How it is called in the audit log, if it writes.
    pub(crate) writes: Option<&'static str>,
    /// The longest body, bytes.
    pub(crate) body: usize,
    pub(crate) operation: Operation,
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    ReadOpenapi,
    OpenSession,
    CloseSession,
    ReadMe,
    ListExperiments,
    CreateExperiment,
    ReadExperiment,
    ReplaceExperiment,
    PatchExperiment,
    DeleteExperiment,
    ValidateExperiment,
    ValidateDraft,
    Transition,
    ListVersions,
    ReadVersion,
    DiffVersions,
    ReadExperimentLive,
    ReadExperimentHealth,
    ReadLive,
    PublishDraft,
    Rollback,
    ReadDraft,
    ReadHistory,
    ReadOff,
    SwitchOff,
    SwitchOn,
    ReadHealth,
    ReadDatafile,
    ReadPage,
    InspectPage,
    MatchPages,
    Decide,
    MakeQaLink,
}

/// Bodies of a few fields.
pub(crate) const SMALL: usize = 4 * 1024;
/// Lists of visits, of selectors.
pub(crate) const LIST: usize = 64 * 1024;
/// One experiment.
pub(crate) const EXPERIMENT: usize = 256 * 1024;
/// A whole draft, and what is around it.
pub(crate) const DRAFT: usize = 1024 * 1024;

const fn read(path: &'static str, operation: Operation) -> Route {
    Route {
        method: "GET",
        path,
        role: Some(Role::Viewer),
        fresh: false,
        writes: None,
        body: 0,
        operation,
    }
}

const fn ask(path: &'static str, role: Role, body: usize, operation: Operation) -> Route {
    Route { method: "POST", role: Some(role), body, ..read(path, operation) }
}

const fn write(
    method: &'static str,
    path: &'static str,
    role: Role,
    body: usize,
    writes: &'static str,
    operation: Operation,
) -> Route {
    let writes = Some(writes);
    Route { method, role: Some(role), body, writes, ..read(path, operation) }
}

const fn fresh(route: Route) -> Route {
    Route { fresh: true, ..route }
}

/// All of them.
pub(crate) const ROUTES: &[Route] = &[
    Route { role: None, ..read("/openapi.json", Operation::ReadOpenapi) },
    write("POST", "/session", Role::Viewer, SMALL, "sign-in", Operation::OpenSession),
    write("DELETE", "/session", Role::Viewer, 0, "sign-out", Operation::CloseSession),
    read("/me", Operation::ReadMe),
    read("/experiments", Operation::ListExperiments),
    write(
        "POST",
        "/experiments",
        Role::Editor,
        EXPERIMENT,
        "create",
        Operation::CreateExperiment,
    ),
    read("/experiments/{key}", Operation::ReadExperiment),
    write(
        "PUT",
        "/experiments/{key}",
        Role::Editor,
        EXPERIMENT,
        "edit",
        Operation::ReplaceExperiment,
    ),
    write(
        "PATCH",
        "/experiments/{key}",
        Role::Editor,
        EXPERIMENT,
        "edit",
        Operation::PatchExperiment,
    ),
    write(
        "DELETE",
        "/experiments/{key}",
        Role::Editor,
        0,
        "delete",
        Operation::DeleteExperiment,
    ),
    ask(
        "/experiments/{key}/validate",
        Role::Viewer,
        EXPERIMENT,
        Operation::ValidateExperiment,
    ),
    write(
        "POST",
        "/experiments/{key}/transitions",
        Role::Publisher,
        SMALL,
        "transition",
        Operation::Transition,
    ),
    read("/experiments/{key}/versions", Operation::ListVersions),
    read("/experiments/{key}/versions/{revision}", Operation::ReadVersion),
    read("/experiments/{key}/versions/{range}/diff", Operation::DiffVersions),
    read("/experiments/{key}/live", Operation::ReadExperimentLive),
    read("/experiments/{key}/health", Operation::ReadExperimentHealth),
    ask("/validate", Role::Viewer, DRAFT, Operation::ValidateDraft),
    read("/live", Operation::ReadLive),
    fresh(write(
        "PUT",
        "/live",
        Role::Publisher,
        DRAFT,
        "publish",
        Operation::PublishDraft,
    )),
    fresh(write(
        "POST",
        "/live/rollback",
        Role::Publisher,
        SMALL,
        "rollback",
        Operation::Rollback,
    )),
    read("/draft", Operation::ReadDraft),
    read("/history", Operation::ReadHistory),
    read("/off", Operation::ReadOff),
    fresh(write("PUT", "/off", Role::Publisher, SMALL, "off", Operation::SwitchOff)),
    fresh(write("DELETE", "/off", Role::Publisher, 0, "on", Operation::SwitchOn)),
    read("/health", Operation::ReadHealth),
    read("/datafile", Operation::ReadDatafile),
    read("/page", Operation::ReadPage),
    ask("/pages/inspect", Role::Viewer, SMALL, Operation::InspectPage),
    ask("/pages/match", Role::Viewer, 2 * LIST, Operation::MatchPages),
    ask("/decisions", Role::Viewer, LIST, Operation::Decide),
    write("POST", "/qa-links", Role::Editor, SMALL, "qa-link", Operation::MakeQaLink),
];
