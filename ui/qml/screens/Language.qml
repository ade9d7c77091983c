pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Which language to go on in, asked in all of them at once.
Page {
    id: page

    help: ""
    title: Words.text("language.title")

    Repeater {
        model: Bridge.site.languages

        LanguageButton {
            required property string modelData

            height: Math.max(Theme.mm(44), implicitHeight)
            tag: modelData
            width: page.contentWidth

            onAct: Bridge.visit.chooseLanguage(tag)
        }
    }
}
