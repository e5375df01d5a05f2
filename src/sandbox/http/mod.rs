//! HTTP: every request, from its path to the envelope of its answer.

mod account;
mod body;
pub use body::BODY_PERMITS_KIB;
mod files;
mod pages;
mod route;
mod server;
pub use server::{Connections, serve as serve_connections};
mod upload;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, EXPECT, HOST, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use self::route::Route;
use super::assets::Origin;
use super::core::Core;
use super::create;
use super::faults::{self, Fault, Faults};
use super::fields::Fields;
use super::identify;
use super::kirin::{self, Model};
use super::kling;
use super::ledger::{Deduction, Purse};
use super::refusal::Refusal;
use super::speech;
use super::words;

/// One request.
pub struct Call {
    core: Arc<Core>,
    parts: Parts,
    request_id: String,
    /// The address by which the caller knows the sandbox.
    origin: String,
    faults: Faults,
}

/// The router: every path is served by [`serve`].
pub fn router(core: Arc<Core>) -> axum::Router {
    axum::Router::new().fallback(serve).with_state(core)
}

async fn serve(State(core): State<Arc<Core>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let origin = origin_of(&parts.headers).unwrap_or_else(|| core.base_url.clone());
    let stranger = parts.headers.get(HOST).filter(|host| !core.hosts.is_ours(host.to_str().unwrap_or_default()));
    let stranger = stranger.map(|host| Refusal::host(&String::from_utf8_lossy(host.as_bytes())));
    let request_id = core.ids.request();
    let stop = core.stop.clone();
    let mut call = Call { core, parts, request_id, origin, faults: Faults::default() };
    let route = Route::find(call.parts.uri.path());
    let is_kirin = route.as_ref().is_some_and(Route::is_kirin);
    let mut body = Some(body);
    let answer = match route {
        _ if stranger.is_some() => Err(stranger.unwrap_or_else(Refusal::stopping)),
        None => Err(Refusal::not_found(words::no_such_path(call.parts.uri.path()))),
        Some(route) => {
            let answer = stop.unless_stopped(call.answer(&route, &mut body)).await;
            answer.unwrap_or_else(|| Err(Refusal::stopping()))
        }
    };
    stop.unless_stopped(async {
        // An answer that comes before the whole request was sent is lost on many clients: read the rest, within limits. A
        // client that sent `Expect: 100-continue` has not begun to send.
        if let Some(unread) = body.filter(|_| !call.parts.headers.contains_key(EXPECT)) {
            body::drain(unread).await;
        }
        if let Some(by) = call.faults.delay() {
            call.core.clock.sleep(by).await;
        }
    })
    .await;
    let is_done = answer.is_ok();
    let response = match answer {
        Ok(response) => response,
        Err(refusal) => call.refuse(&refusal, is_kirin),
    };
    if is_done && call.faults.has(&Fault::Lose) {
        let broken = futures_util::stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("lost")) });
        return (StatusCode::OK, Body::from_stream(broken)).into_response();
    }
    if is_done && call.faults.has(&Fault::Garble) {
        return (StatusCode::OK, [(CONTENT_TYPE, "application/json")], "{\"code\":0, garbled").into_response();
    }
    response
}

impl Call {
    async fn answer(&mut self, route: &Route, body: &mut Option<Body>) -> Result<Response, Refusal> {
        let allow = route.allow();
        if self.parts.method == Method::OPTIONS {
            return Ok((StatusCode::NO_CONTENT, [(ALLOW, allow)]).into_response());
        }
        if !allow.split(", ").any(|method| method == self.parts.method.as_str()) {
            return Err(Refusal::method(&self.parts.method, self.parts.uri.path(), allow));
        }
        if route.needs_key() {
            let authorised = self.core.keys.check(&self.parts.headers, self.core.clock.now_s())?;
            if *route == Route::TasksByName {
                authorised.only_key()?;
            }
            if let Some(header) = self.parts.headers.get(faults::HEADER) {
                self.faults = Faults::of_header(header.to_str().unwrap_or("not text"))?;
            }
            if let Some(response) = self.stopped_by_fault()? {
                return Ok(response);
            }
        }
        let is_read = self.parts.method == Method::GET || self.parts.method == Method::HEAD;
        match route {
            Route::Root => Ok(pages::root(&self.parts.headers, &self.origin)),
            Route::Health => Ok(axum::Json(json!({"status": "ok"})).into_response()),
            Route::OpenApi => Ok(pages::openapi(&self.origin)),
            Route::Identify => self.identify(body).await,
            Route::LipSyncs if is_read => self.list(),
            Route::LipSyncs => self.create(body).await,
            Route::LipSync(id) => self.query(id),
            Route::Speech => self.speak(body).await,
            Route::TasksByName => self.tasks_by_name(),
            Route::AccountCosts => self.account_costs(),
            Route::PackageDeductions => self.deductions(body, Purse::Package).await,
            Route::BalanceDeductions => self.deductions(body, Purse::Balance).await,
            Route::Generations => self.generate(body).await,
            Route::Generation(id) => self.generation(id),
            Route::Upload(name) => upload::upload(&self.core, &self.parts, name, &self.origin, body)
                .await
                .map(|(status, data)| (status, axum::Json(self.envelope(&data))).into_response()),
            Route::Media(id) => files::asset(&self.core, &self.parts.headers, id, Origin::Upload).await,
            Route::Result(id) => files::asset(&self.core, &self.parts.headers, id, Origin::Result).await,
            Route::FaceImage { token, face_id } => files::face_image(&self.core, &self.parts.headers, token, face_id),
        }
    }

    /// The refusal or the proxy's page that a fault asks for.
    fn stopped_by_fault(&self) -> Result<Option<Response>, Refusal> {
        if let Some(refusal) = self.faults.refusal() {
            return Err(refusal.clone());
        }
        let proxy = self.faults.find(|fault| if let Fault::Proxy(status) = fault { Some(*status) } else { None });
        Ok(proxy.and_then(|status| StatusCode::from_u16(status).ok()).map(|status| {
            let page =
                format!("<html>\r\n<head><title>{status}</title></head>\r\n<body><h1>{status}</h1></body>\r\n</html>");
            (status, [(CONTENT_TYPE, "text/html")], page).into_response()
        }))
    }

    async fn identify(&self, body: &mut Option<Body>) -> Result<Response, Refusal> {
        let body = self.read_json(body).await?;
        let request = kling::read_identify(&Fields::of_body(&body)?)?;
        let session = identify::identify(&self.core, request, Arc::new(|_| {})).await?;
        self.core.ledger.book(Deduction::of_identify(&session.found.session_id, self.core.clock.now_ms()));
        self.core.ledger.keep(&self.core.records).await;
        Ok(self.ok(&kling::identify_data(&session.found, &self.origin)))
    }

    async fn create(&mut self, body: &mut Option<Body>) -> Result<Response, Refusal> {
        let body = self.read_json(body).await?;
        let request = kling::read_create(&Fields::of_body(&body)?)?;
        drop(body);
        if let Some(response) = self.add_faults_of(request.external_task_id.as_deref())? {
            return Ok(response);
        }
        let task = create::create(&self.core, request, self.faults.clone(), &self.origin, kling::name_taken).await?;
        Ok(self.ok(&kling::create_data(&task)))
    }

    async fn speak(&self, body: &mut Option<Body>) -> Result<Response, Refusal> {
        let body = self.read_json(body).await?;
        let request = speech::read(&Fields::of_body(&body)?)?;
        Ok(self.ok(&speech::speak(&self.core, request, &self.origin).await?))
    }

    fn query(&self, id: &str) -> Result<Response, Refusal> {
        let task = self.core.tasks.find(id).filter(|task| task.lip_sync().is_some());
        let task = task.ok_or_else(|| kling::task_not_found(id))?;
        Ok(self.ok(&kling::task_data(&task, &self.origin, self.core.shows_names)))
    }

    fn list(&self) -> Result<Response, Refusal> {
        let query = self.parts.uri.query().unwrap_or_default();
        let number = |name: &str, default: usize, most: usize| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            let Some((_, text)) = pairs.find(|(key, text)| key == name && !text.is_empty()) else { return Ok(default) };
            let number = text.parse().ok().filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| Refusal::field(name, words::number_out_of_range(most, &text)))
        };
        let (page, size) = (number("pageNum", 1, 1000)?, number("pageSize", 30, 500)?);
        let tasks = self.core.tasks.page(page, size);
        let shows_name = self.core.shows_names;
        Ok(self.ok(&tasks.iter().map(|task| kling::task_data(task, &self.origin, shows_name)).collect()))
    }

    async fn generate(&mut self, body: &mut Option<Body>) -> Result<Response, Refusal> {
        let body = self.read_json(body).await?;
        let (model, params) = kirin::read(&Fields::of_body(&body)?)?;
        let task = match model {
            Model::IdentifyFace => {
                let request = kling::read_identify(&params)?;
                create::create_identify(&self.core, request, self.faults.clone()).await?
            }
            Model::LipSync => {
                let request = kling::read_create(&params)?;
                if let Some(response) = self.add_faults_of(request.external_task_id.as_deref())? {
                    return Ok(response);
                }
                create::create(&self.core, request, self.faults.clone(), &self.origin, kirin::name_taken).await?
            }
        };
        Ok(axum::Json(kirin::task_answer(&task, &self.core.ids, &self.origin)).into_response())
    }

    fn generation(&self, id: &str) -> Result<Response, Refusal> {
        let task = self.core.tasks.find(id);
        let task = task.ok_or_else(|| kirin::task_not_found(id))?;
        Ok(axum::Json(kirin::task_answer(&task, &self.core.ids, &self.origin)).into_response())
    }

    /// Faults may also be asked for in `external_task_id`.
    fn add_faults_of(&mut self, external_task_id: Option<&str>) -> Result<Option<Response>, Refusal> {
        self.faults = std::mem::take(&mut self.faults).with_external_task_id(external_task_id);
        self.stopped_by_fault()
    }

    async fn read_json(&self, body: &mut Option<Body>) -> Result<Value, Refusal> {
        body::check_content_type(&self.parts.headers)?;
        body::read_json(&self.core, &self.parts.headers, body).await
    }

    fn ok(&self, data: &Value) -> Response {
        axum::Json(self.envelope(data)).into_response()
    }

    fn envelope(&self, data: &Value) -> Value {
        json!({"code": 0, "message": "SUCCEED", "request_id": self.request_id, "data": data})
    }

    fn refuse(&self, refusal: &Refusal, is_kirin: bool) -> Response {
        let body = if is_kirin {
            kirin::refusal(refusal, &self.request_id)
        } else {
            json!({"code": refusal.code, "message": refusal.message, "request_id": self.request_id})
        };
        let mut response = (refusal.status, axum::Json(body)).into_response();
        if let Some(seconds) = refusal.retry_after_s() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if refusal.status == StatusCode::METHOD_NOT_ALLOWED
            && let Some(route) = Route::find(self.parts.uri.path())
        {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(route.allow()));
        }
        response
    }
}

/// The address in the request's `Host`: the addresses in the answer begin with it, so that the caller can reach them.
fn origin_of(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (!host.is_empty() && host.len() <= 255 && host.bytes().all(is_host)).then(|| format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_host_becomes_part_of_an_address() {
        let of = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            origin_of(&headers)
        };
        assert_eq!(of("127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(of("[::1]:80").as_deref(), Some("http://[::1]:80"));
        assert_eq!(of("a/b"), None);
        assert_eq!(of("user@host"), None);
    }
}
