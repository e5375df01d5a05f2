//! The headers of request and answer, those that let somebody in masked.

use egui::{Grid, ScrollArea, Ui};

use crate::app::theme::{Palette, space, text, type_size};
use crate::engine::Exchange;

/// Headers whose value nobody must see, beside the key that is masked where it is sent.
const SECRET: [&str; 6] =
    ["cookie", "set-cookie", "proxy-authorization", "x-api-key", "api-key", "x-amz-security-token"];

/// Draws both.
pub fn headers_ui(ui: &mut Ui, exchange: &Exchange) {
    let palette = Palette::of(ui);
    ScrollArea::vertical().id_salt("headers").auto_shrink([false, false]).show(ui, |ui| {
        for (title, headers) in both(exchange) {
            ui.label(text::strong(title));
            if headers.is_empty() {
                ui.label(text::caption(palette, "None"));
            }
            Grid::new(title).num_columns(2).spacing([space::GROUP, space::TIGHT]).show(ui, |ui| {
                for (name, value) in headers {
                    ui.label(text::caption(palette, name));
                    let value = text::mono(shown(name, value)).size(type_size::CAPTION);
                    ui.add(egui::Label::new(value).wrap().selectable(true));
                    ui.end_row();
                }
            });
            ui.add_space(space::ITEM);
        }
    });
}

/// Both as text.
#[must_use]
pub fn text(exchange: &Exchange) -> String {
    let lines = both(exchange).map(|(title, headers)| {
        let lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", shown(name, value))).collect();
        format!("{title}\n{}", lines.join("\n"))
    });
    lines.join("\n\n")
}

fn both(exchange: &Exchange) -> [(&'static str, &[(String, String)]); 2] {
    [("Request headers", &exchange.request_headers), ("Answer headers", &exchange.response_headers)]
}

fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) { "•••" } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::inspector::tests::exchange;

    #[test]
    fn what_lets_somebody_in_is_masked() {
        let exchange = Exchange {
            request_headers: vec![("authorization".into(), "Bearer •••".into())],
            response_headers: vec![("Set-Cookie".into(), "session=abc".into()), ("server".into(), "x".into())],
            ..exchange(1, "GET", "https://a.b", Some(200), "")
        };
        let text = text(&exchange);
        assert_eq!(text, "Request headers\nauthorization: Bearer •••\n\nAnswer headers\nSet-Cookie: •••\nserver: x");
    }
}
