pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Which language to go on in, asked in all of them at once.
Page {
    id: page

    readonly property var others: Bridge.site.languages.filter(tag => tag !== Words.language)

    help: others.map(tag => Words.spoken(tag, "language.title")).join("　·　")
    title: Words.text("language.title")

    Repeater {
        model: Bridge.site.languages

        LanguageButton {
            required property string modelData

            height: Math.max(Theme.mm(50), implicitHeight)
            tag: modelData
            width: page.contentWidth

            onAct: Bridge.visit.chooseLanguage(tag)
        }
    }
}
