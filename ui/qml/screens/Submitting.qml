import QtQuick
import "../controls"
import "../theme"

// The case is being kept.
Page {
    hasBack: false
    hasNext: false
    help: Words.text("submitting.help")
    title: Words.text("submitting.title")

    Dots {
        width: parent.width
    }
}
