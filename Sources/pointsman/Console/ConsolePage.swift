import Foundation

/// The files of the page, which the tool has in itself.
enum ConsolePage {
    struct File {
        var name: String
        var type: String
        var bytes: [UInt8]
    }

    static let files: [File] = [
        File(
            name: "index.html",
            type: "text/html; charset=utf-8",
            bytes: PackageResources.index_html
        ),
        File(name: "style.css", type: "text/css; charset=utf-8", bytes: PackageResources.style_css),
        script("console.js", PackageResources.console_js),
        script("store.js", PackageResources.store_js),
        script("list.js", PackageResources.list_js),
        script("delivery.js", PackageResources.delivery_js),
        script("rules.js", PackageResources.rules_js),
        script("coverage.js", PackageResources.coverage_js),
        script("starts.js", PackageResources.starts_js),
        script("dom.js", PackageResources.dom_js),
        File(name: "icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
    ]

    /// The page of an export, which reads its data as scripts: as a file it may fetch nothing.
    static var exportedIndex: [UInt8] {
        let page = String(decoding: PackageResources.index_html, as: UTF8.self)
            .replacing("<html lang=\"en\">", with: "<html lang=\"en\" data-export>")
            .replacing(
                "script-src 'self'; style-src 'self'",
                with: "script-src 'self' file:; style-src 'self' file:"
            )
            .replacing("img-src 'self'; connect-src 'self'", with: "img-src 'self' file:")
            .replacing("trusted-types 'none'", with: "trusted-types data")
        return Array(page.utf8)
    }

    static func file(_ name: String) -> File? { files.first { $0.name == name } }

    private static func script(_ name: String, _ bytes: [UInt8]) -> File {
        File(name: name, type: "text/javascript; charset=utf-8", bytes: bytes)
    }
}
