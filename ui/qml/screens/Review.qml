pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// Every answer, with Change beside it.
Page {
    id: page

    hasNext: true
    help: Words.text("review.help")
    spacing: 0
    title: Words.text("review.title")

    Repeater {
        model: Bridge.state.body.rows ?? []

        ReviewLine {
            required property var modelData

            label: modelData.label
            lines: modelData.lines
            target: modelData.target
            width: page.contentWidth
        }
    }
}
